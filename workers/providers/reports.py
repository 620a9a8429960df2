"""What reports tell, whoever made them, and the charges that come of tokens and money of the same day and model."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple, TypeAlias

import httpx
from msgspec import Meta

from schema.charges import BILLED_KINDS, ChargeKind
from schema.contracts.billing import LARGEST_COST, MAXIMUM_TOKENS
from schema.model_keys import model_key
from schema.model_names import model_name
from schema.tokens import TokenCounts

Tokens: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_TOKENS)]
CurrencyCode: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z]{3}$")]


def report_model(text: str | None) -> str:
    """The key of a model that a report names; names of fine-tunes and of accounts are cut off."""
    return model_key(model_name(text or "").model)


def whole_hour(instant: datetime) -> datetime:
    """The UTC hour that an instant falls in."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def check_amount(amount: Decimal) -> None:
    """Raise ValueError for what no report asks for."""
    if not (amount.is_finite() and abs(amount) <= LARGEST_COST):
        raise ValueError("holds an amount that is not a number, or is over a billion")


class Counted(NamedTuple):
    """Tokens of one kind that a provider counted."""

    day: date
    model: str
    kind: ChargeKind
    tokens: int


class Cost(NamedTuple):
    """Money that a provider asks for; exact, in units of the currency."""

    day: date
    model: str
    kind: ChargeKind
    currency: str
    amount: Decimal


class HourTokens(NamedTuple):
    """Tokens of a UTC hour and model as told, of a team where the report tells, else of the account's.

    `requests` is 0 where their number is not told.
    """

    hour: datetime
    team_id: int | None
    model: str
    tokens: TokenCounts
    requests: int = 0


class EngagedCounts(NamedTuple):
    """How much an assistant was used: what people asked, what it wrote, what was taken over, and lines of code."""

    interactions: int = 0
    generations: int = 0
    acceptances: int = 0
    lines_added: int = 0
    lines_deleted: int = 0

    def plus(self, other: "EngagedCounts") -> "EngagedCounts":
        """Sum, count by count."""
        return EngagedCounts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def without(self, part: "EngagedCounts") -> "EngagedCounts":
        """What is left of a whole, never less than nothing."""
        return EngagedCounts(*(max(mine - theirs, 0) for mine, theirs in zip(self, part, strict=True)))


class Engaged(NamedTuple):
    """Use of one day and model, and by how many people where there are enough of them."""

    day: date
    model: str
    counts: EngagedCounts
    active_people: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days of an account to read, from `first` up to and without `end`, and how.

    `hourly` is wanted where tokens are laid into windows. `team_of` tells the team of whoever a report names; what it
    is given is kept nowhere.
    """

    http: httpx.AsyncClient
    base_url: str
    key: str
    first: date
    end: date
    hourly: bool = False
    scope: str = ""
    team_of: Callable[[str], int | None] = lambda _: None


@dataclass(slots=True)
class Report:
    """Usage and costs of some days; `hours` has the usage again where it is told by hour, `engagement` other use."""

    usage: list[Counted] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    hours: list[HourTokens] = field(default_factory=list)
    engagement: list[Engaged] = field(default_factory=list)

    def within(self, first: date, end: date) -> "Report":
        """What it tells of the days from `first` up to and without `end`; nothing else was asked for."""
        return Report(
            [each for each in self.usage if first <= each.day < end],
            [each for each in self.costs if first <= each.day < end],
            [each for each in self.hours if first <= each.hour.date() < end],
            [each for each in self.engagement if first <= each.day < end],
        )


class DayCharge(NamedTuple):
    """Tokens and money of one day, model and kind."""

    day: date
    model: str
    kind: ChargeKind
    currency: str
    tokens: int
    amount: Decimal


def usage_by_model(usage: Iterable[Counted]) -> dict[tuple[date, str], list[int]]:
    """Tokens by day and model, in the order of BILLED_KINDS."""
    found: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * len(BILLED_KINDS))
    for each in usage:
        found[each.day, each.model][BILLED_KINDS.index(each.kind)] += each.tokens
    return dict(found)


def charges_of(report: Report) -> list[DayCharge]:
    """One charge for each day, model, kind and currency that money is asked for, with the tokens it is for.

    Costs are told later than usage: tokens without money yet are no charge, since they would seem to be free.
    """
    tokens = usage_by_model(report.usage)
    amounts: defaultdict[tuple[date, str, ChargeKind, str], Decimal] = defaultdict(Decimal)
    for cost in report.costs:
        amounts[cost.day, cost.model, cost.kind, cost.currency] += cost.amount
    charges = []
    reported: set[tuple[date, str, ChargeKind]] = set()
    for (day, model, kind, currency), amount in sorted(amounts.items()):
        counted = 0
        # Should one kind cost in two currencies, its tokens count once.
        if kind in BILLED_KINDS and (day, model, kind) not in reported:
            reported.add((day, model, kind))
            counted = tokens.get((day, model), [0] * len(BILLED_KINDS))[BILLED_KINDS.index(kind)]
        charges.append(DayCharge(day, model, kind, currency, counted, amount))
    return charges
