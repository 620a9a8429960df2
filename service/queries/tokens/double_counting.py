"""Detection of layers that seem to report the same tokens, although their requests do not match.

This happens if one of them reports totals of several requests, or counts differently. Both count until the organization
supersedes one of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from service.queries.tokens.layer_amounts import DayAmount
from vocabulary.layers import Layer, LayerPolicy
from vocabulary.model_keys import model_key

# Amounts of one model and day are rarely this close by chance, and almost never this often.
NEARNESS: Final = 0.9
CELLS: Final = 3
SHARE: Final = 0.8
TOKENS: Final = 100_000


class DoubleCounting(NamedTuple):
    """A source that reports about as much as the sources of another layer, without matching requests."""

    source: str
    layer: Layer
    others: tuple[str, ...]

    @property
    def detail(self) -> str:
        """What was found."""
        return (
            f"{self.source} ({self.layer}) and {', '.join(self.others)} report nearly the same amounts for the same "
            "models on the same days, but their requests do not match: they may be counted twice"
        )

    @property
    def remedy(self) -> str:
        """What to do."""
        return f"if they are the same tokens, count only one source: shipledger layers set --supersede {self.source}"


def find_double_counting(amounts: Iterable[DayAmount], policy: LayerPolicy) -> list[DoubleCounting]:
    """Find sources of a later layer most of whose amounts equal those of an earlier layer."""
    cells: dict[str, dict[tuple[date, str], int]] = defaultdict(lambda: defaultdict(int))
    for amount in amounts:
        cells[amount.source][amount.day, model_key(amount.model)] += amount.tokens
    found = []
    for source in sorted(cells):
        place = policy.order.index(policy.layer_of(source))
        for layer in policy.order[:place]:
            others = tuple(other for other in sorted(cells) if policy.layer_of(other) is layer)
            if _look_alike(cells[source], [cells[other] for other in others]):
                found.append(DoubleCounting(source, policy.layer_of(source), others))
                break
    return found


def _look_alike(mine: dict[tuple[date, str], int], others: list[dict[tuple[date, str], int]]) -> bool:
    alike = []
    for cell, tokens in mine.items():
        others_tokens = sum(other.get(cell, 0) for other in others)
        if min(tokens, others_tokens) >= NEARNESS * max(tokens, others_tokens) > 0:
            alike.append(tokens)
    total = sum(mine.values())
    return len(alike) >= CELLS and total >= TOKENS and sum(alike) >= SHARE * total
