"""Why spend changed, as one sentence. Pure.

`Spend rose $508 (+18 %): +$310 more requests by checkout, +$150 from sonnet to opus, +$48 less caching.`
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vocabulary.causes.split import Causes, ModelUse
from vocabulary.causes.words import money, moved_models, named_causes, signed, words_of

# A cause is named with a team that made this share of it.
LEADING_SHARE = 0.6


class Change(NamedTuple):
    """The change of one team, or of several (`team` is None), in nano-USD, with its models by name."""

    team: str | None
    before: int
    after: int
    causes: Causes
    models: Sequence[tuple[str, ModelUse]]


def sum_causes(causes: Iterable[Causes]) -> Causes:
    """Add causes."""
    return Causes(*map(sum, zip(Causes(), *causes, strict=True)))


def change_sentence(teams: Sequence[Change]) -> str:
    """Return how much spend changed, and why, largest cause first."""
    before, after = sum(each.before for each in teams), sum(each.after for each in teams)
    totals = sum_causes(each.causes for each in teams)
    if not before and not after:
        return "Nothing was spent in either period."
    if before == after and not any(totals):
        return f"Spend did not change: {money(after, after)} in both periods."
    shown = max(abs(after - before), *(abs(cause) for cause in totals))
    verb = "rose" if after > before else "fell" if after < before else "stayed the same"
    amount = f" {money(abs(after - before), shown)}" if after != before else ""
    share = f" ({signed(round(100 * (after - before) / before), '')} %)" if before > 0 and amount else ""
    start = "Nothing was spent before; spend" if not before else "Spend"
    return f"{start} {verb}{amount}{share}: {', '.join(_clauses(teams, totals, shown))}."


def _clauses(teams: Sequence[Change], totals: Causes, shown: int) -> list[str]:
    return [
        f"{signed(nano_usd, money(abs(nano_usd), shown))} {_cause(teams, name, nano_usd)}"
        for name in named_causes(totals)
        for nano_usd in [getattr(totals, name)]
    ]


def _cause(teams: Sequence[Change], name: str, nano_usd: int) -> str:
    what = words_of(name, nano_usd)
    if name == "model_mix":
        return moved_models(each.models for each in teams) or what
    leader = max(teams, key=lambda each: getattr(each.causes, name) * (1 if nano_usd > 0 else -1))
    is_leading = len(teams) > 1 and abs(getattr(leader.causes, name)) >= LEADING_SHARE * abs(nano_usd)
    return f"{what} by {leader.team}" if is_leading and leader.team else what
