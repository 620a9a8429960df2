"""Numbers in human units: 1.2 M, $346, 66 %. Pure.

One decimal below 100 and none above; cents below $100, whole dollars to $999, then thousands.
"""

from collections.abc import Sequence

from vocabulary.tokens import NANO_USD

NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
UNITS = ((10**3, "k"), (10**6, "M"), (10**9, "B"), (10**12, "T"))
THOUSAND = 1_000
# Below it, cents are shown.
WHOLE_DOLLARS = 100 * NANO_USD
CENT = NANO_USD // 100
# Shares are computed in tenths of a percent.
TENTHS = 1_000


def count_text(number: float) -> str:
    """Return a count: `842`, `1.2 M`, `842 k`."""
    if abs(number) < THOUSAND:
        return f"{_sign(number)}{abs(round(number))}" if abs(round(number)) < THOUSAND else _scaled(number)
    return _scaled(number)


def exact_text(number: int) -> str:
    """Return all digits in groups of three."""
    return f"{_sign(number)}{abs(number):,}"


def usd_text(nano: float, largest: float | None = None) -> str:
    """Return dollars; in a list, `largest` is its largest amount, whose precision all have."""
    size, precise = abs(nano), abs(nano if largest is None else largest)
    if 0 < size < CENT and precise < WHOLE_DOLLARS:
        return f"{_sign(nano)}<$0.01"
    if round(size / NANO_USD) >= THOUSAND:
        return f"{_sign(nano)}${_scaled(size / NANO_USD)}"
    if precise >= WHOLE_DOLLARS:
        whole = round(size / NANO_USD)
        return f"{_sign(nano) if whole else ''}${whole}"
    return f"{_sign(nano)}${size / NANO_USD:.2f}"


def usd_texts(amounts: Sequence[float]) -> list[str]:
    """Return the amounts of a list, all with the precision of the largest: `$346`, `-$90`."""
    largest = max(map(abs, amounts), default=0)
    return [usd_text(amount, largest) for amount in amounts]


def exact_usd_text(nano: int) -> str:
    """Return dollars to the cent, for lines that must add up."""
    return f"{_sign(nano)}${abs(nano) / NANO_USD:,.2f}"


def signed(number: float, text: str) -> str:
    """Return a text with a plus sign if its number is positive."""
    return f"+{text}" if number > 0 else text


def percent_text(share: float, decimals: int = 0) -> str:
    """Return a share from 0 to 1: `66 %`."""
    return f"{_sign(share)}{abs(100 * share):.{decimals}f}{NARROW}%"


def change_text(now: float, before: float) -> str:
    """Return a relative change: `+45 %`; empty without anything before."""
    if not before:
        return ""
    change = now / before - 1
    if change >= 9:  # noqa: PLR2004 - from ten times on
        return f"{now / before:.0f} times"
    text = percent_text(change)
    return "unchanged" if text.lstrip(MINUS) == percent_text(0) else signed(change, text)


def points_text(now: float, before: float) -> str:
    """Return the difference of two shares: `-7 points`."""
    points = round(100 * (now - before))
    return f"{'+' if points > 0 else MINUS if points < 0 else ''}{abs(points)} point{'s' * (abs(points) != 1)}"


def shares(parts: Sequence[int]) -> list[float]:
    """Return each part's share in thousandths, by largest remainder so that they sum to 1; 0 if the sum is 0."""
    whole = sum(parts)
    if whole <= 0:
        return [0.0] * len(parts)
    floors = [part * TENTHS // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(parts[place] * TENTHS % whole), place))
    for place in by_remainder[: TENTHS - sum(floors)]:
        floors[place] += 1
    return [tenths / TENTHS for tenths in floors]


def _scaled(number: float) -> str:
    size = abs(number)
    for scale, unit in UNITS:
        decimals = 1 if round(size / scale, 1) < 100 else 0  # noqa: PLR2004 - one decimal below 100
        if round(size / scale, decimals) < THOUSAND or scale == UNITS[-1][0]:
            return f"{_sign(number)}{size / scale:,.{decimals}f}{NARROW}{unit}"
    raise AssertionError("the last unit takes any number")


def _sign(number: float) -> str:
    return MINUS if number < 0 else ""
