"""Why spend changed, as one sentence. Pure.

`Spend rose $508 (+18 %): +$310 more requests by checkout, +$150 from sonnet to opus, +$48 less caching.`
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from schema.vocabulary.tokens import NANO_USD
from service.api.ledger.team_changes import TeamChange, sum_causes
from service.causes.split import Causes

MINUS = "\N{MINUS SIGN}"
# A cause is named with a team that made this share of it, and not at all below a share of the largest.
LEADING_SHARE = 0.6
LEAST_SHARE = 0.05
# From this change on, in dollars, cents are left out.
WHOLE_DOLLARS = 100

# What each cause is called where it adds to spend, and where it saves.
WORDS: Mapping[str, tuple[str, str]] = {
    "volume": ("more requests", "fewer requests"),
    "size": ("more tokens per request", "fewer tokens per request"),
    "model_mix": ("other models", "other models"),
    "cache": ("less caching", "more caching"),
    "price": ("higher prices", "lower prices"),
}


def change_sentence(teams: Sequence[TeamChange]) -> str:
    """Return how much spend changed, and why, largest cause first."""
    before, after = sum(each.before.nano_usd for each in teams), sum(each.after.nano_usd for each in teams)
    if not before and not after:
        return "Nothing was spent in either period."
    if before == after and not any(sum_causes(teams)):
        return f"Spend did not change: {_money(after, after)} in both periods."
    shown = max(abs(after - before), *(abs(cause) for cause in sum_causes(teams)))
    verb = "rose" if after > before else "fell" if after < before else "stayed the same"
    amount = f" {_money(abs(after - before), shown)}" if after != before else ""
    share = f" ({_signed(round(100 * (after - before) / before), '')} %)" if before > 0 and amount else ""
    start = "Nothing was spent before; spend" if not before else "Spend"
    return f"{start} {verb}{amount}{share}: {', '.join(_clauses(teams, shown))}."


def _clauses(teams: Sequence[TeamChange], shown: int) -> list[str]:
    totals = sum_causes(teams)
    least = LEAST_SHARE * max(map(abs, totals))
    places = sorted(range(len(totals)), key=lambda place: -abs(totals[place]))
    return [
        f"{_signed(totals[place], _money(abs(totals[place]), shown))} {_cause(teams, place, totals[place])}"
        for place in places
        if abs(totals[place]) > least
    ]


def _cause(teams: Sequence[TeamChange], place: int, nano_usd: int) -> str:
    name = Causes._fields[place]
    what = WORDS[name][nano_usd < 0]
    if name == "model_mix":
        return _moved(teams) or what
    leader = max(teams, key=lambda each: each.causes[place] * (1 if nano_usd > 0 else -1))
    is_leading = len(teams) > 1 and abs(leader.causes[place]) >= LEADING_SHARE * abs(nano_usd)
    return f"{what} by {leader.team}" if is_leading and leader.team else what


def _moved(teams: Sequence[TeamChange]) -> str | None:
    """Return from which model most requests moved to which, within the teams."""
    moved = Counter[str]()
    for each in teams:
        old = sum(use.before.requests for use in each.models.values())
        new = sum(use.after.requests for use in each.models.values())
        for sold, use in each.models.items() if old and new else ():
            moved[sold.model] += round(use.after.requests - use.before.requests * new / old)
    if len(moved) <= 1:
        return None
    (gained, most), *_, (lost, least) = moved.most_common()
    return f"from {lost} to {gained}" if least < 0 < most and lost and gained else None


def _signed(number: int, text: str) -> str:
    return f"{'+' if number > 0 else MINUS if number < 0 else ''}{text or abs(number)}"


def _money(nano_usd: int, largest: int) -> str:
    """Return dollars, with cents unless the largest amount of the sentence has none."""
    dollars = nano_usd / NANO_USD
    return f"${dollars:,.0f}" if abs(largest) >= WHOLE_DOLLARS * NANO_USD else f"${dollars:,.2f}"
