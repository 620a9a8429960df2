"""The words for why spend changed, for sentences such as `+$310 more requests, +$150 from sonnet to opus`. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from vocabulary.causes.split import Causes, ModelUse
from vocabulary.tokens import NANO_USD

MINUS = "\N{MINUS SIGN}"
# A cause is not named below a share of the largest.
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


def named_causes(causes: Causes) -> list[str]:
    """Return the names of the causes that are worth a word, largest first."""
    parts = causes._asdict()
    least = LEAST_SHARE * max(map(abs, causes))
    return [name for name in sorted(parts, key=lambda name: -abs(parts[name])) if abs(parts[name]) > least]


def words_of(name: str, nano_usd: int) -> str:
    """Return what a cause is called, as it adds to spend or saves."""
    return WORDS[name][nano_usd < 0]


def moved_models(teams: Iterable[Iterable[tuple[str, ModelUse]]]) -> str | None:
    """Return from which model most requests moved to which, within each of the teams; None if none stands out."""
    moved = Counter[str]()
    for each in teams:
        uses = list(each)
        old = sum(use.before.requests for _, use in uses)
        new = sum(use.after.requests for _, use in uses)
        for model, use in uses if old and new else ():
            moved[model] += round(use.after.requests - use.before.requests * new / old)
    if len(moved) <= 1:
        return None
    (gained, most), *_, (lost, least) = moved.most_common()
    return f"from {lost} to {gained}" if least < 0 < most and lost and gained else None


def signed(number: int, text: str) -> str:
    """Return a text, or else the number, with its sign."""
    return f"{'+' if number > 0 else MINUS if number < 0 else ''}{text or abs(number)}"


def money(nano_usd: int, largest: int) -> str:
    """Return dollars, with cents unless the largest amount of the sentence has none."""
    dollars = nano_usd / NANO_USD
    return f"${dollars:,.0f}" if abs(largest) >= WHOLE_DOLLARS * NANO_USD else f"${dollars:,.2f}"
