"""Where something tells the same tokens better than bytes do: then what is estimated of them counts nowhere.

An agent behind a gateway tells its requests itself, and a provider counts those of a team; both see what the gateway
sees. Its bytes do not say which request is whose, so a team's day and model is either estimated or told, never both.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from schema.layers import LayerPolicy
from schema.model_keys import model_key

# The source of what is estimated from bytes, and of gateways' own requests that tell their tokens.
GATEWAY: Final = "gateway"


class ReportedElsewhere(NamedTuple):
    """That a source other than a gateway's bytes tells of a model of a team on a UTC day."""

    team_id: int
    day: date
    model: str
    source: str


def better_source(reported: Iterable[ReportedElsewhere], team_id: int, model: str, policy: LayerPolicy) -> str:
    """The source that counts instead of an estimate of that team and model, or, of all told of a day, none (empty).

    A source that the organization puts into the same layer as the gateway tells of other requests.
    """
    key, layer = model_key(model), policy.layer_of(GATEWAY)
    sources = {
        each.source
        for each in reported
        if each.team_id == team_id and model_key(each.model) == key and policy.layer_of(each.source) != layer
    }
    return min(sources, default="")
