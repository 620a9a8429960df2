"""Turns a delivery into facts: finds the event's parser and tolerates any payload."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from workers.forge_events.github import parse_github
from workers.forge_events.github.payload import decode_github
from workers.forge_events.gitlab import parse_gitlab
from workers.forge_events.model import Facts, Ignored
from workers.forge_events.reading import Envelope, IncompletePayloadError

_DECODERS: dict[str, Callable[[bytes], Any]] = {"github": decode_github, "gitlab": msgspec.json.decode}
_PARSERS = {"github": parse_github, "gitlab": parse_gitlab}


def decode(forge: str, body: bytes) -> Any:
    """Return a payload, at least the parts of it that `parse` reads. Raises msgspec.DecodeError."""
    return _DECODERS[forge](body)


def parse(forge: str, event: str, payload: Any, envelope: Envelope) -> Facts:
    """Return the facts of a payload, or Ignored with a reason."""
    if not isinstance(payload, Mapping):
        return Ignored("The body is not a JSON object.")
    try:
        return _PARSERS[forge](event, payload, envelope)
    except IncompletePayloadError as error:
        return Ignored(str(error))
