"""Rows of FOCUS files as text, and the places of their columns.

Only COLUMNS are read: names of accounts, tags and resources stay in the file.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schema.errors import SetUpError

REQUIRED = (
    *("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd"),
    *("ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName"),
)
# Columns of our own export.
OWN_COUNTS = (
    *("x_TokensInputUncached", "x_TokensCacheRead", "x_TokensCacheWrite", "x_TokensOutputVisible"),
    "x_TokensOutputReasoning",
)
NUMBERS = (
    *("BilledCost", "ConsumedQuantity", "ContractedCost", "EffectiveCost", "ListCost"),
    *("PricingCurrencyEffectiveCost", "PricingQuantity", "x_BilledCostInUsd", *OWN_COUNTS),
)
# Read if present: other columns of FOCUS, and columns that providers add (x_). FOCUS 1.3 replaced ProviderName and
# PublisherName by ServiceProviderName and HostProviderName, and 1.4 removed them. Charges that a provider split over
# resources (Allocated...) sum to the charge that they replace, so they are rows like others.
OPTIONAL = (
    *("ChargeClass", "ChargeDescription", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost"),
    *("HostProviderName", "InvoiceIssuerName", "ListCost", "PricingCurrency", "PricingCurrencyEffectiveCost"),
    *("PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceProviderName", "SkuId", "SkuMeter"),
    *("SkuPriceDetails", "x_BilledCostInUsd", "x_SkuDescription", "x_SkuDetails", "x_SkuMeterName", "x_UsageType"),
    *("x_Model", "x_Provider", *OWN_COUNTS),
)
COLUMNS = (*REQUIRED, *OPTIONAL)

Advance = Callable[[int], None]


class Place(NamedTuple):
    """The place of a row, for errors: they name the place of an invalid value, never the value."""

    file: str
    line: int

    def error(self, column: str, remedy: str) -> SetUpError:
        """Return the error to raise for a column of this row."""
        return SetUpError(f"{self.file}, line {self.line}, column {column}: {remedy}; nothing was sent")


class Row(NamedTuple):
    """One charge as text by column."""

    place: Place
    values: dict[str, str]

    def text(self, column: str) -> str:
        """Return the text of a column; empty if the file has no such column."""
        return self.values.get(column, "")


def places_of(file: str, header: Sequence[str], delimiter: str | None = None) -> dict[str, int]:
    """Return the index of each known column, in any letter case; raises SetUpError if one is missing or duplicate."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        column = KNOWN.get(plain_name(name))
        if column in found:
            raise SetUpError(f"{file}, line 1, column {column}: appears twice; keep one; nothing was sent")
        if column:
            found[column] = place
    if missing := [column for column in REQUIRED if column not in found]:
        hint = f" (read with the delimiter {delimiter!r})" if delimiter and found else ""
        raise SetUpError(
            f"{file}, line 1, column {missing[0]}: is missing{hint}; export the bill as FOCUS 1.0 to 1.4 with "
            f"all of {', '.join(REQUIRED)}; nothing was sent"
        )
    return found


def plain_name(name: str) -> str:
    """Normalise a column name: some query engines write billed_cost or billedcost for BilledCost."""
    cleaned = name.strip("\ufeff\u200b \t").lower()
    prefix = "x_" if cleaned.startswith("x_") else ""
    return prefix + cleaned.removeprefix("x_").replace("_", "").replace(" ", "")


KNOWN = {plain_name(column): column for column in COLUMNS}
