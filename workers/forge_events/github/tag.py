"""Tags from GitHub's `create` and `delete` events and from pushes."""

from datetime import datetime

from workers.forge_events.github.repository import read_repository
from workers.forge_events.model import Facts, Ignored, ReleaseFacts
from workers.forge_events.reading import Envelope, Json, instant, mapping, newest, required, text
from workers.outcomes.life_cycle import ReleaseState


def read_tag_created(payload: Json, envelope: Envelope) -> Facts:
    """Read a created tag; branches are read from pushes."""
    return _read(payload, envelope, deleted=False)


def read_tag_deleted(payload: Json, envelope: Envelope) -> Facts:
    """Read a deleted tag. The event's name is not signed, and only the body of a created one has a main branch."""
    if "master_branch" in payload:
        return Ignored("The body belongs to another event.")
    return _read(payload, envelope, deleted=True)


def _read(payload: Json, envelope: Envelope, *, deleted: bool) -> Facts:
    if text(payload, "ref_type") != "tag":
        return Ignored("Branches are read from their pushes.")
    repository = mapping(payload, "repository")
    at = newest(instant(repository, "pushed_at"), instant(repository, "updated_at")) or envelope.received_at
    return tag_facts(
        payload, envelope, required(text(payload, "ref"), "ref"), at, commit=None, deleted=deleted, created=True
    )


def tag_facts(
    payload: Json,
    envelope: Envelope,
    tag: str,
    at: datetime,
    *,
    commit: str | None,
    deleted: bool,
    created: bool = False,
) -> ReleaseFacts:
    """Return a release that is known only as a tag."""
    return ReleaseFacts(
        repository=read_repository(mapping(payload, "repository"), envelope, at),
        tag=tag,
        is_tag=True,
        state=ReleaseState.DELETED if deleted else ReleaseState.TAG,
        released_at=at,
        updated_at=at,
        commit=commit,
        is_created=created and not deleted,
    )
