"""Numbers as people read them: 1.24 M, $3.10, and shares that sum to 100. The exact figure stands beside each."""

from collections.abc import Sequence

from schema.tokens import NANO_USD

THOUSAND = 1_000
UNITS = ((10**3, "k"), (10**6, "M"), (10**9, "B"), (10**12, "T"))
NOTHING = "\N{EN DASH}"
CENT = NANO_USD // 100
# Shares are shown in tenths of a percent.
TENTHS = 1_000


def short_count(count: int) -> str:
    """Three significant digits and a unit: 1241310 as `1.24 M`; under a thousand as it is."""
    if count < THOUSAND:
        return str(count)
    for scale, unit in UNITS:
        digits = f"{count / scale:#.3g}"
        if "e" not in digits:
            return f"{digits.rstrip('.')} {unit}"
    return f"{count / UNITS[-1][0]:,.0f} {UNITS[-1][1]}"


def exact_count(count: int) -> str:
    """All digits, in groups of three."""
    return f"{count:,}"


def short_usd(nano: int) -> str:
    """Dollars and cents, from a thousand dollars on without cents; what is less than a cent says so."""
    if 0 < nano < CENT:
        return "<$0.01"
    dollars = round(nano / NANO_USD, 2)
    return f"${dollars:,.0f}" if dollars >= THOUSAND else f"${dollars:,.2f}"


def shares(parts: Sequence[int]) -> list[float]:
    """Each part's percentage of the sum in tenths, by largest remainder, so that they sum to exactly 100.

    All are 0 when there is nothing.
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
    """A share of `shares` as text: `61.3 %`."""
    return f"{share:.1f} %"
