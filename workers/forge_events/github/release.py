"""GitHub's `release` event."""

from schema.life_cycle import ReleaseState
from workers.facts.model import ReleaseFacts
from workers.forge_events.github.repository import read_repository
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, mapping, newest, required, text


def read_release(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """A release after any action; drafts and prereleases ship to nobody yet."""
    told = mapping(payload, "release")
    published_at, created_at = instant(told, "published_at"), instant(told, "created_at")
    action = text(payload, "action")
    updated_at = newest(instant(told, "updated_at"), published_at, created_at) or envelope.received_at
    if action == "unpublished":
        # The payload keeps the times from before; only the delivery's own is later than the publication.
        updated_at = max(updated_at, envelope.received_at)
    head = commit(told, "target_commitish")
    return ReleaseFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, updated_at),
        tag=required(text(told, "tag_name"), "tag"),
        is_tag=False,
        state=_state(action, told),
        released_at=published_at or created_at or updated_at,
        updated_at=updated_at,
        commit=head,
        target_branch=text(told, "target_commitish") if head is None else None,
        former_tag=text(mapping(payload, "changes", "tag_name"), "from"),
    )


def _state(action: str | None, told: Json) -> ReleaseState:
    if action == "deleted":
        return ReleaseState.DELETED
    if flag(told, "draft") or action == "unpublished":
        return ReleaseState.DRAFT
    return ReleaseState.PRERELEASE if flag(told, "prerelease") else ReleaseState.PUBLISHED
