"""Categories of charges in the FOCUS specification."""

from enum import StrEnum


class ChargeCategory(StrEnum):
    """FOCUS ChargeCategory."""

    USAGE = "usage"
    PURCHASE = "purchase"
    TAX = "tax"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
