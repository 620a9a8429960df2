"""Splits a rise of spend into its causes, against the usual spend of the same teams and models."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vocabulary.causes.split import USUAL_PRICES, Causes, ModelUse, Use, split_change
from vocabulary.causes.words import moved_models
from vocabulary.tokens import TOKEN_KINDS, TokenCounts
from workers.alert_rules.use import COST, REQUESTS, DailyUse
from workers.statistics.arrays import Mask

# The mix of models, the sizes and the prices of so many days before a rise are usual.
BEFORE_DAYS = 28


class Sold(NamedTuple):
    """A model as a provider sells it."""

    provider: str
    model: str


class Explanation(NamedTuple):
    """What is usual in the days of a rise, what was spent, the causes of the difference, and where work moved."""

    usual_nano_usd: int
    spent_nano_usd: int
    causes: Causes
    moved: str | None


def explain(
    use: DailyUse, inside: Mask, days: tuple[int, int], usual: int, prices: Mapping[Sold, Sequence[float]]
) -> Explanation:
    """Split what some cells spent from one day to another, inclusive, beyond `usual` nano-USD."""
    began, found = days
    before = _uses(use, inside, max(0, began - BEFORE_DAYS), began)
    after = _uses(use, inside, began, found + 1)
    scaled = _scaled(before, usual)
    teams: dict[str, dict[Sold, ModelUse]] = {}
    for team, sold in sorted(before.keys() | after.keys()):
        uses = ModelUse(scaled.get((team, sold), Use()), after.get((team, sold), Use()), prices.get(sold, USUAL_PRICES))
        teams.setdefault(team, {})[sold] = uses
    splits = [split_change(models.values()) for models in teams.values()]
    spent = sum(each.nano_usd for each in after.values())
    moved = moved_models([(sold.model, each) for sold, each in models.items()] for models in teams.values())
    known = sum(each.nano_usd for each in scaled.values())
    return Explanation(known, spent, Causes(*map(sum, zip(Causes(), *splits, strict=True))), moved)


def _uses(use: DailyUse, inside: Mask, first: int, end: int) -> dict[tuple[str, Sold], Use]:
    cells: dict[tuple[str, Sold], list[int]] = {}
    for cell in inside.nonzero()[0].tolist():
        label = use.labels[cell]
        cells.setdefault((label["team"], Sold(label["provider"], label["model"])), []).append(cell)
    found = {key: _use(use, members, first, end) for key, members in cells.items()}
    return {key: each for key, each in found.items() if each != Use()}


def _use(use: DailyUse, cells: Sequence[int], first: int, end: int) -> Use:
    requests, nano_usd, *tokens = (
        int(use.amounts[name][cells, first:end].sum()) for name in (REQUESTS, COST, *TOKEN_KINDS)
    )
    return Use(requests, TokenCounts(*tokens), nano_usd)


def _scaled(uses: Mapping[tuple[str, Sold], Use], usual: int) -> dict[tuple[str, Sold], Use]:
    """Return uses of the same proportions that cost exactly `usual`."""
    whole = sum(each.nano_usd for each in uses.values())
    if not whole or not usual:
        return {}
    found = {
        key: Use(
            round(each.requests * usual / whole),
            TokenCounts(*(round(tokens * usual / whole) for tokens in each.tokens)),
            each.nano_usd * usual // whole,
        )
        for key, each in uses.items()
    }
    largest = max(found, key=lambda key: found[key].nano_usd)
    left = usual - sum(each.nano_usd for each in found.values())
    found[largest] = found[largest]._replace(nano_usd=found[largest].nano_usd + left)
    return {key: each for key, each in found.items() if each != Use()}
