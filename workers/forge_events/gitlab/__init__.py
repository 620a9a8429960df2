"""GitLab's events, each read in a file of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from workers.facts.model import Facts, Ignored
from workers.forge_events.gitlab.deployment import read_deployment
from workers.forge_events.gitlab.merge_request import read_merge_request
from workers.forge_events.gitlab.note import read_note
from workers.forge_events.gitlab.pipeline import read_pipeline
from workers.forge_events.gitlab.project import read_project_event
from workers.forge_events.gitlab.push import read_push, read_tag_push
from workers.forge_events.gitlab.release import read_release
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
    """Facts of a GitLab payload; raises NotUnderstoodError when it lacks what its event is about.

    The payload itself names its event: a system hook sends every kind under one header.
    """
    tidy = _without_spaces(payload)
    reader = _READERS.get(text(tidy, "object_kind") or text(tidy, "event_name") or "")
    return Ignored("an event that is not used") if reader is None else reader(tidy, envelope)


def _without_spaces(reported: Any) -> Any:
    """The same JSON with keys stripped: payloads are met whose keys end in spaces."""
    if isinstance(reported, Mapping):
        return {key.strip(): _without_spaces(value) for key, value in reported.items()}
    return [_without_spaces(item) for item in reported] if isinstance(reported, list) else reported
