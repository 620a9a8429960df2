"""From a delivery to facts: finds the parser of an event and never fails on what a forge may send."""

from collections.abc import Mapping
from typing import Any

from workers.facts.model import Facts, Ignored
from workers.forge_events.github import parse_github
from workers.forge_events.gitlab import parse_gitlab
from workers.forge_events.reading import Envelope, NotUnderstoodError

_PARSERS = {"github": parse_github, "gitlab": parse_gitlab}


def parse(forge: str, event: str, payload: Any, envelope: Envelope) -> Facts:
    """What a payload says; Ignored, with the reason, when it says nothing that is kept."""
    if not isinstance(payload, Mapping):
        return Ignored("the body is not a JSON object")
    try:
        return _PARSERS[forge](event, payload, envelope)
    except NotUnderstoodError as error:
        return Ignored(str(error))
