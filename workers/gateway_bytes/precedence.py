"""Decides where better sources count instead of tokens estimated from bytes.

An agent behind a gateway reports its own requests, and a provider counts a team's; both see what the gateway sees.
Bytes do not show whose request is whose, so a team's day and model is either estimated or reported, never both.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from vocabulary.layers import LayerPolicy
from vocabulary.model_keys import model_key

# The source of tokens estimated from bytes, and of gateways' requests that report tokens.
GATEWAY: Final = "gateway"


class ReportedElsewhere(NamedTuple):
    """A model of a team on a UTC day that a source other than gateway bytes reports."""

    team_id: int
    day: date
    model: str
    source: str


def better_source(reported: Iterable[ReportedElsewhere], team_id: int, model: str, policy: LayerPolicy) -> str:
    """Return the source that counts instead of an estimate for a team and model of one day, or an empty string.

    A source in the same layer as the gateway by the organization's policy reports other requests.
    """
    key, layer = model_key(model), policy.layer_of(GATEWAY)
    sources = {
        each.source
        for each in reported
        if each.team_id == team_id and model_key(each.model) == key and policy.layer_of(each.source) != layer
    }
    return min(sources, default="")
