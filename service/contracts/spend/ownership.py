"""The cost of ownership: factors that an organization sets, and the response of `GET /api/v1/ownership`."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from service.contracts.amounts import NextCursor, TokensShown, UsdText
from service.contracts.price import Provider
from service.contracts.reconciliation import CostKind

MAXIMUM_ITEMS = 1_000
LARGEST = Decimal(1000)
MILLIONTH = Decimal("0.000001")

MoneyPart: TypeAlias = Literal["orchestration", "observability", "infrastructure", "energy"]
Part: TypeAlias = Literal[
    "orchestration",
    "observability",
    "infrastructure",
    "energy",
    "energy_per_input",
    "energy_per_output",
    "carbon_per_kwh",
]
MONEY_PARTS: tuple[str, ...] = get_args(MoneyPart)
# An address, or a reference with a digit such as "FinOps memo 2026-14": a name of a person fits neither.
_ADDRESS = r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[^\s@]*)?"
_REFERENCE = r"(?!.*//)(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9 ._:/#()+,-]*"
SOURCE_PATTERN = f"^(?:{_ADDRESS}|{_REFERENCE})$"


class FactorIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A factor of all spend, of one provider or of one model, from a day on. A later one follows it.

    Money parts are shares of the token cost: 0.12 adds 12 %. `energy_per_input` and `energy_per_output` are watt-hours
    for 1,000 tokens, `carbon_per_kwh` kilograms of CO2e; these three have a range.
    """

    part: Part
    value: Annotated[Decimal, Meta(description="The factor, from 0 to 1,000, with at most six decimals")]
    low: Annotated[Decimal | None, Meta(description="Lower end of an estimate (default: `value`)")] = None
    high: Annotated[Decimal | None, Meta(description="Upper end of an estimate (default: `value`)")] = None
    first_day: Annotated[date, Meta(description="First UTC day on which the factor holds")]
    provider: Provider = ""
    model: Annotated[
        str, Meta(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9._:+/-]{0,99})?$", description="Model; empty for all models")
    ] = ""
    source: Annotated[
        str,
        Meta(
            pattern=SOURCE_PATTERN,
            min_length=3,
            max_length=300,
            description="The document that says so: an https address, or a reference with a number such as "
            "`FinOps memo 2026-14`; never a person",
        ),
    ]

    def __post_init__(self) -> None:
        """Refuse impossible values, a range of money, and two scopes."""
        low, high = self.value if self.low is None else self.low, self.value if self.high is None else self.high
        for value in (self.value, low, high):
            if not (value.is_finite() and 0 <= value <= LARGEST and value % MILLIONTH == 0):
                raise ValueError("has an invalid value; it must be from 0 to 1,000, with at most six decimals")
        if not low <= self.value <= high:
            raise ValueError("has a value that is not between its low and high")
        if self.part in MONEY_PARTS and (self.low is not None or self.high is not None):
            raise ValueError(f"has a low or high, which {self.part} has not; send value alone")
        if self.provider and self.model:
            raise ValueError("has both provider and model; send one of them, or neither for all spend")


class FactorBatch(Struct, frozen=True):
    """Factors to store, all or none."""

    items: Annotated[list[FactorIn], Meta(max_length=MAXIMUM_ITEMS)]


class FactorReceipt(Struct, frozen=True):
    """Factors received, and those that were new or different."""

    received: int
    changed: int


class FactorShown(Struct, frozen=True, kw_only=True):
    """A factor, with its source."""

    id: Annotated[int | None, Meta(description="Id for deletion; null for a published factor")]
    part: Part
    unit: Annotated[str, Meta(description="What the value counts")]
    low: str
    value: str
    high: str
    first_day: Annotated[date | None, Meta(description="First UTC day; null for always")]
    provider: Annotated[str, Meta(description="Empty for all providers")]
    model: Annotated[str, Meta(description="Empty for all models")]
    source: Annotated[str, Meta(description="The document that says so")]
    note: Annotated[str, Meta(description="How a published factor follows from its source; else empty")]


class FactorList(Struct, frozen=True):
    """Factors that you set, by part and scope, then the published ones that hold where you set none."""

    items: list[FactorShown]
    next_cursor: NextCursor = None


class OwnershipOverhead(Struct, frozen=True, kw_only=True):
    """What each part adds to the token cost."""

    orchestration_usd: UsdText
    observability_usd: UsdText
    infrastructure_usd: Annotated[UsdText, Meta(description="Infrastructure other than accelerators")]
    energy_usd: UsdText
    total_usd: Annotated[UsdText, Meta(description="Sum of the parts")]


class EstimateShown(Struct, frozen=True, kw_only=True):
    """An estimate with its range; it was not measured."""

    low: float
    likely: float
    high: float


class OwnershipFigures(Struct, frozen=True, kw_only=True):
    """Token cost and overhead apart, and both together."""

    tokens: TokensShown
    token_cost_usd: UsdText
    overhead: OwnershipOverhead
    total_cost_of_ownership_usd: Annotated[UsdText, Meta(description="Token cost and overhead")]
    multiplier: Annotated[float | None, Meta(description="Total divided by token cost; null without token cost")]
    energy_kwh: EstimateShown
    carbon_kg: Annotated[EstimateShown, Meta(description="Kilograms of CO2e")]


class OwnershipShown(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimension in `group_by` is present."""

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    repository: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    feature: Annotated[str | UnsetType, Meta(description="Name of the feature; empty without one")] = UNSET
    figures: Annotated[OwnershipFigures | None, Meta(description="Null if withheld")]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small team are null")]


class OwnershipList(Struct, frozen=True, kw_only=True):
    """Periods, oldest first, then groups by name. Items sum to the total, to the last nano-dollar."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]
    cost_kind: CostKind
    settled: Annotated[bool, Meta(description="Whether all tokens of the period are settled")]
    estimates: Annotated[str, Meta(description="How far energy and carbon can be trusted")]
    factors: Annotated[list[FactorShown], Meta(description="The factors that hold in the period")]
    total: Annotated[OwnershipFigures | None, Meta(description="Null if the requested team is withheld")]
    items: list[OwnershipShown]
    next_cursor: NextCursor
