"""GitHub's `release` event."""

from workers.facts.model import ReleaseFacts
from workers.forge_events.github.repository import read_repository
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, mapping, newest, required, text
from workers.outcomes.life_cycle import ReleaseState


def read_release(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """A release after any action; drafts and prereleases ship to nobody yet."""
    reported = mapping(payload, "release")
    published_at, created_at = instant(reported, "published_at"), instant(reported, "created_at")
    action = text(payload, "action")
    updated_at = newest(instant(reported, "updated_at"), published_at, created_at) or envelope.received_at
    if action == "unpublished":
        # The payload keeps the times from before; only the delivery's own is later than the publication.
        updated_at = max(updated_at, envelope.received_at)
    head = commit(reported, "target_commitish")
    return ReleaseFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, updated_at),
        tag=required(text(reported, "tag_name"), "tag"),
        is_tag=False,
        state=_state(action, reported),
        released_at=published_at or created_at or updated_at,
        updated_at=updated_at,
        commit=head,
        target_branch=text(reported, "target_commitish") if head is None else None,
        former_tag=text(mapping(payload, "changes", "tag_name"), "from"),
    )


def _state(action: str | None, reported: Json) -> ReleaseState:
    if action == "deleted":
        return ReleaseState.DELETED
    if flag(reported, "draft") or action == "unpublished":
        return ReleaseState.DRAFT
    return ReleaseState.PRERELEASE if flag(reported, "prerelease") else ReleaseState.PUBLISHED
