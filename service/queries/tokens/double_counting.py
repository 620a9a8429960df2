"""Whether two layers look as if they told the same tokens though their requests are not recognised as the same.

So it is where one of them tells sums of several requests only, or counts otherwise. Nothing is guessed then: both
count, until the organization sets one of them aside.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from schema.layers import Layer, LayerPolicy
from schema.model_keys import model_key
from service.queries.tokens.layer_amounts import DayAmount

# By chance, amounts of one model and day are seldom so near to each other, and hardly ever so often.
NEARNESS: Final = 0.9
CELLS: Final = 3
SHARE: Final = 0.8
TOKENS: Final = 100_000


class DoubleCounting(NamedTuple):
    """A source that tells about as much as the sources of another layer, and none of it recognised."""

    source: str
    layer: Layer
    others: tuple[str, ...]

    @property
    def detail(self) -> str:
        """What is seen."""
        return (
            f"{self.source} ({self.layer}) and {', '.join(self.others)} tell nearly the same amounts of the same "
            "models on the same days, but none of these requests is recognised as the same: they may count twice"
        )

    @property
    def remedy(self) -> str:
        """What to do."""
        return f"if they are the same, let one count: shipledger layers set --set-aside {self.source}"


def find_double_counting(amounts: Iterable[DayAmount], policy: LayerPolicy) -> list[DoubleCounting]:
    """Sources of a later layer that tell as much as an earlier layer, of most of what they tell."""
    reported: dict[str, dict[tuple[date, str], int]] = defaultdict(lambda: defaultdict(int))
    for amount in amounts:
        reported[amount.source][amount.day, model_key(amount.model)] += amount.tokens
    doubts = []
    for source in sorted(reported):
        place = policy.order.index(policy.layer_of(source))
        for layer in policy.order[:place]:
            others = tuple(other for other in sorted(reported) if policy.layer_of(other) is layer)
            if _look_alike(reported[source], [reported[other] for other in others]):
                doubts.append(DoubleCounting(source, policy.layer_of(source), others))
                break
    return doubts


def _look_alike(mine: dict[tuple[date, str], int], others: list[dict[tuple[date, str], int]]) -> bool:
    alike = []
    for cell, tokens in mine.items():
        reported = sum(other.get(cell, 0) for other in others)
        if min(tokens, reported) >= NEARNESS * max(tokens, reported) > 0:
            alike.append(tokens)
    total = sum(mine.values())
    return len(alike) >= CELLS and total >= TOKENS and sum(alike) >= SHARE * total
