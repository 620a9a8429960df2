"""Short numbers for tables in the terminal: 1.24 M, $3.10."""

from vocabulary.tokens import NANO_USD

THOUSAND = 1_000
UNITS = ((10**3, "k"), (10**6, "M"), (10**9, "B"), (10**12, "T"))
NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
CENT = NANO_USD // 100


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
