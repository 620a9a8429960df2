"""GitHub's `release` event."""

from schema.life_cycle import ReleaseState
from workers.forge_events.facts import ReleaseFacts
from workers.forge_events.github.repository import read_repository
from workers.forge_events.reading import Envelope, Json, flag, instant, mapping, newest, required, text


def read_release(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """A release after any action; drafts and prereleases ship to nobody yet."""
    told = mapping(payload, "release")
    published_at, created_at = instant(told, "published_at"), instant(told, "created_at")
    updated_at = newest(instant(told, "updated_at"), published_at, created_at) or envelope.received_at
    return ReleaseFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, updated_at),
        tag=required(text(told, "tag_name"), "tag"),
        is_tag=False,
        state=_state(text(payload, "action"), told),
        released_at=published_at or created_at or updated_at,
        updated_at=updated_at,
    )


def _state(action: str | None, told: Json) -> ReleaseState:
    if action == "deleted":
        return ReleaseState.DELETED
    if flag(told, "draft") or action == "unpublished":
        return ReleaseState.DRAFT
    return ReleaseState.PRERELEASE if flag(told, "prerelease") else ReleaseState.PUBLISHED
