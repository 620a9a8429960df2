"""GitLab's release event."""

from workers.forge_events.gitlab.project import read_project_of
from workers.forge_events.model import ReleaseFacts
from workers.forge_events.reading import Envelope, Json, commit, instant, mapping, newest, required, text
from workers.outcomes.life_cycle import ReleaseState


def read_release(payload: Json, envelope: Envelope) -> ReleaseFacts:
    """Read a release after any action. GitLab has neither drafts nor prereleases."""
    created_at, released_at = instant(payload, "created_at"), instant(payload, "released_at")
    updated_at = newest(created_at, released_at) or envelope.received_at
    return ReleaseFacts(
        repository=read_project_of(payload, envelope, updated_at),
        tag=required(text(payload, "tag"), "tag"),
        is_tag=False,
        state=ReleaseState.DELETED if text(payload, "action") == "delete" else ReleaseState.PUBLISHED,
        released_at=released_at or created_at or updated_at,
        updated_at=updated_at,
        commit=commit(mapping(payload, "commit"), "id"),
    )
