"""Short numbers for people: 1.24 M, $3.10, and shares that sum to 100."""

from collections.abc import Sequence

from vocabulary.tokens import NANO_USD

THOUSAND = 1_000
UNITS = ((10**3, "k"), (10**6, "M"), (10**9, "B"), (10**12, "T"))
NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
CENT = NANO_USD // 100
# Shares are shown in tenths of a percent.
TENTHS = 1_000


def short_count(count: int) -> str:
    """Return three significant digits and a unit: 1241310 as `1.24 M`; below 1,000 the number itself."""
    if count < THOUSAND:
        return str(count)
    for scale, unit in UNITS:
        digits = f"{count / scale:#.3g}"
        if "e" not in digits:
            return f"{digits.rstrip('.')} {unit}"
    *_, (scale, unit) = UNITS
    return f"{count / scale:,.0f} {unit}"


def exact_count(count: int) -> str:
    """Return all digits in groups of three."""
    return f"{count:,}"


def short_usd(nano: int) -> str:
    """Return dollars and cents; from $1,000 whole dollars; below one cent `<$0.01`."""
    if 0 < nano < CENT:
        return "<$0.01"
    dollars = round(nano / NANO_USD, 2)
    return f"${dollars:,.0f}" if dollars >= THOUSAND else f"${dollars:,.2f}"


def shares(parts: Sequence[int]) -> list[float]:
    """Return each part's percentage of the sum, rounded to tenths by largest remainder so that they sum to 100.

    All are 0 if the sum is 0.
    """
    whole = sum(parts)
    if whole <= 0:
        return [0.0] * len(parts)
    floors = [part * TENTHS // whole for part in parts]
    left = TENTHS - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda position: (-(parts[position] * TENTHS % whole), position))
    for position in by_remainder[:left]:
        floors[position] += 1
    return [tenths / 10 for tenths in floors]


def percent(share: float) -> str:
    """Format a percentage: `61.3 %`."""
    return f"{share:.1f} %"
