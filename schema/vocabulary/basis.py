"""How a window's tokens are known: counted request by request, told in sums by a provider, or estimated from bytes."""

from enum import StrEnum


class Basis(StrEnum):
    """Best first. Where tokens are measured nothing derived or estimated stands beside them."""

    MEASURED = "measured"
    DERIVED = "derived"
    ESTIMATED = "estimated"
