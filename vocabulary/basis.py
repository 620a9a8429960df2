"""How the tokens of a window are known: counted, derived from a provider's sums, or estimated from bytes."""

from enum import StrEnum


class Basis(StrEnum):
    """Best first. Measured tokens replace derived and estimated ones."""

    MEASURED = "measured"
    DERIVED = "derived"
    ESTIMATED = "estimated"
