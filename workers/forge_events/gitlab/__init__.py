"""GitLab's events, each read in its own file."""

from collections.abc import Callable, Mapping
from typing import Any

from workers.forge_events.gitlab.deployment import read_deployment
from workers.forge_events.gitlab.merge_request import read_merge_request
from workers.forge_events.gitlab.note import read_note
from workers.forge_events.gitlab.pipeline import read_pipeline
from workers.forge_events.gitlab.project import read_project_event
from workers.forge_events.gitlab.push import read_push, read_tag_push
from workers.forge_events.gitlab.release import read_release
from workers.forge_events.model import Facts, Ignored
from workers.forge_events.reading import Envelope, Json, text

_READERS: dict[str, Callable[[Json, Envelope], Facts]] = {
    "deployment": read_deployment,
    "merge_request": read_merge_request,
    "note": read_note,
    "pipeline": read_pipeline,
    "project_create": read_project_event,
    "project_rename": read_project_event,
    "project_transfer": read_project_event,
    "push": read_push,
    "release": read_release,
    "tag_push": read_tag_push,
}


def parse_gitlab(_: str, payload: Json, envelope: Envelope) -> Facts:
    """Read the facts of a GitLab payload; raises IncompletePayloadError when an essential part is missing.

    The payload names its event, because a system hook sends every kind under one header.
    """
    tidy = _without_spaces(payload)
    reader = _READERS.get(text(tidy, "object_kind") or text(tidy, "event_name") or "")
    return Ignored("This event is not used.") if reader is None else reader(tidy, envelope)


def _without_spaces(value: Any) -> Any:
    """Return the same JSON with stripped keys, because some payloads have keys that end in spaces."""
    if isinstance(value, Mapping):
        return {key.strip(): _without_spaces(each) for key, each in value.items()}
    return [_without_spaces(each) for each in value] if isinstance(value, list) else value
