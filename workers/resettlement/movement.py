"""Compares a team's totals under another method. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from workers.attribution.model import OVERHEAD

# Fates of tokens, as `GET /api/v1/ledger` names them.
PLACES = ("merged", "in_flight", "abandoned", "overhead")
_PLACE_OF_STATE = {"merged": "merged", "open": "in_flight", "abandoned": "abandoned"}


@dataclass(frozen=True, slots=True)
class Movement:
    """One team's tokens by fate, now and by the new method; `moved` go to another pull request."""

    team: str
    days: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: int

    @property
    def total(self) -> int:
        """All tokens of the days, which no method changes."""
        return sum(self.after.values())


def compare(
    team: str, days: int, before: Mapping[bytes, int], after: Mapping[bytes, int], states: Mapping[bytes, str]
) -> Movement:
    """Compare tokens by artifact id; `states` are those of pull requests (open, merged, abandoned)."""
    moved = sum(max(0, after.get(artifact_id, 0) - before.get(artifact_id, 0)) for artifact_id in {*before, *after})
    return Movement(team, days, _by_place(before, states), _by_place(after, states), moved)


def _by_place(tokens: Mapping[bytes, int], states: Mapping[bytes, str]) -> dict[str, int]:
    places = defaultdict[str, int](int)
    for artifact_id, amount in tokens.items():
        place = "overhead" if artifact_id == OVERHEAD else _PLACE_OF_STATE[states[artifact_id]]
        places[place] += amount
    return {place: places[place] for place in PLACES}
