"""GitHub's `release` event."""

from workers.forge_events.github.repository import read_repository
from workers.forge_events.model import ReleaseFacts
from workers.forge_events.reading import Envelope, Json, commit, flag, instant, mapping, newest, required, text
from workers.outcomes.life_cycle import ReleaseState


def read_release(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """Read a release after any action; drafts and prereleases do not ship yet."""
    release = mapping(payload, "release")
    published_at, created_at = instant(release, "published_at"), instant(release, "created_at")
    action = text(payload, "action")
    updated_at = newest(instant(release, "updated_at"), published_at, created_at) or envelope.received_at
    if action == "unpublished":
        # The payload keeps earlier times; only the delivery's own is later than the publication.
        updated_at = max(updated_at, envelope.received_at)
    head = commit(release, "target_commitish")
    return ReleaseFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, updated_at),
        tag=required(text(release, "tag_name"), "tag"),
        is_tag=False,
        state=_state(action, release),
        released_at=published_at or created_at or updated_at,
        updated_at=updated_at,
        commit=head,
        target_branch=text(release, "target_commitish") if head is None else None,
        former_tag=text(mapping(payload, "changes", "tag_name"), "from"),
    )


def _state(action: str | None, release: Json) -> ReleaseState:
    if action == "deleted":
        return ReleaseState.DELETED
    if flag(release, "draft") or action == "unpublished":
        return ReleaseState.DRAFT
    return ReleaseState.PRERELEASE if flag(release, "prerelease") else ReleaseState.PUBLISHED
