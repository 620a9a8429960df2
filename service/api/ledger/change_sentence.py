"""Why spend changed, as one sentence. Pure.

`Spend rose $508 (+18 %): +$310 more requests by checkout, +$150 from sonnet to opus, +$48 less caching.`
"""

from collections.abc import Sequence

from service.api.ledger.team_changes import TeamChange, sum_causes
from vocabulary.causes.words import money, moved_models, named_causes, signed, words_of

# A cause is named with a team that made this share of it.
LEADING_SHARE = 0.6


def change_sentence(teams: Sequence[TeamChange]) -> str:
    """Return how much spend changed, and why, largest cause first."""
    before, after = sum(each.before.nano_usd for each in teams), sum(each.after.nano_usd for each in teams)
    if not before and not after:
        return "Nothing was spent in either period."
    if before == after and not any(sum_causes(teams)):
        return f"Spend did not change: {money(after, after)} in both periods."
    shown = max(abs(after - before), *(abs(cause) for cause in sum_causes(teams)))
    verb = "rose" if after > before else "fell" if after < before else "stayed the same"
    amount = f" {money(abs(after - before), shown)}" if after != before else ""
    share = f" ({signed(round(100 * (after - before) / before), '')} %)" if before > 0 and amount else ""
    start = "Nothing was spent before; spend" if not before else "Spend"
    return f"{start} {verb}{amount}{share}: {', '.join(_clauses(teams, shown))}."


def _clauses(teams: Sequence[TeamChange], shown: int) -> list[str]:
    totals = sum_causes(teams)
    return [
        f"{signed(nano_usd, money(abs(nano_usd), shown))} {_cause(teams, name, nano_usd)}"
        for name in named_causes(totals)
        for nano_usd in [getattr(totals, name)]
    ]


def _cause(teams: Sequence[TeamChange], name: str, nano_usd: int) -> str:
    what = words_of(name, nano_usd)
    if name == "model_mix":
        return moved_models([(sold.model, use) for sold, use in each.models.items()] for each in teams) or what
    leader = max(teams, key=lambda each: getattr(each.causes, name) * (1 if nano_usd > 0 else -1))
    is_leading = len(teams) > 1 and abs(getattr(leader.causes, name)) >= LEADING_SHARE * abs(nano_usd)
    return f"{what} by {leader.team}" if is_leading and leader.team else what
