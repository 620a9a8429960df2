"""The common form of provider reports, and the charges made from tokens and money of a day and model."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple, TypeAlias

import httpx
from msgspec import Meta

from vocabulary.charges import BILLED_KINDS, LARGEST_COST, MAXIMUM_BILLED_TOKENS, ChargeKind
from vocabulary.model_keys import model_key
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts
from workers.providers.left_out import LeftOutRow

Tokens: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_BILLED_TOKENS)]
# With fewer rows, all of them may be odd by chance.
MANY_ROWS = 20
# What is charged by piece: many hours of it still fit an integer column.
Pieces: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
CurrencyCode: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z]{3}$")]


def report_model(text: str | None) -> str:
    """Return the key of a reported model, without names of fine-tunes and accounts."""
    return model_key(model_name(text or "").model)


def whole_hour(instant: datetime) -> datetime:
    """Return the UTC hour of an instant."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def check_amount(amount: Decimal) -> None:
    """Check an amount; raises ValueError when it is impossible."""
    if not (amount.is_finite() and abs(amount) <= LARGEST_COST):
        raise ValueError("contains an amount that is not a number or exceeds a billion")


class UsageCount(NamedTuple):
    """Tokens of one kind that a provider counted, or pieces: web searches and code executions.

    `lives_an_hour` is true of cache writes that live an hour.
    """

    day: date
    model: str
    kind: ChargeKind
    tokens: int
    service_tier: str = ""
    lives_an_hour: bool = False


class Cost(NamedTuple):
    """Money that a provider charges; exact, in units of the currency."""

    day: date
    model: str
    kind: ChargeKind
    currency: str
    amount: Decimal
    service_tier: str = ""
    lives_an_hour: bool = False


class HourTokens(NamedTuple):
    """Tokens of a UTC hour and model, for a team if the report identifies one, else the account's.

    `requests` is 0 when unknown. `cache_write_1h` is the part of cache writes that lives an hour; searches and code
    executions are charged by piece.
    """

    hour: datetime
    team_id: int | None
    model: str
    tokens: TokenCounts
    requests: int = 0
    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0


class EngagementCounts(NamedTuple):
    """Counts of an assistant's use: interactions, generations, acceptances, and lines of code."""

    interactions: int = 0
    generations: int = 0
    acceptances: int = 0
    lines_added: int = 0
    lines_deleted: int = 0

    def plus(self, other: "EngagementCounts") -> "EngagementCounts":
        """Add two counts."""
        return EngagementCounts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def without(self, part: "EngagementCounts") -> "EngagementCounts":
        """Subtract a part, at least 0."""
        return EngagementCounts(*(max(mine - theirs, 0) for mine, theirs in zip(self, part, strict=True)))


class Engagement(NamedTuple):
    """Use of one day and model, and the number of people if it is large enough."""

    day: date
    model: str
    counts: EngagementCounts
    active_people: int | None


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The days of an account to read, from `first` up to but not including `end`, and how.

    `hourly` is set when tokens become windows. `team_of` returns the team of a reported user, whose address is not
    stored.
    """

    http: httpx.AsyncClient
    base_url: str
    key: str = field(repr=False)
    first: date
    end: date
    hourly: bool = False
    scope: str = ""
    team_of: Callable[[str], int | None] = lambda _: None


@dataclass(slots=True)
class Report:
    """Usage and costs of some days. `hours` repeats usage by hour where known; `engagement` is other use.

    `left_out` holds the rows that could not be read.
    """

    usage: list[UsageCount] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    hours: list[HourTokens] = field(default_factory=list)
    engagement: list[Engagement] = field(default_factory=list)
    left_out: list[LeftOutRow] = field(default_factory=list)

    @property
    def is_unreadable(self) -> bool:
        """Return whether so much was left out and nothing read that the report must have another form."""
        found = self.usage or self.costs or self.hours or self.engagement
        return len(self.left_out) >= MANY_ROWS and not found

    def within(self, first: date, end: date) -> "Report":
        """Return only the days from `first` up to but not including `end`."""
        return Report(
            [each for each in self.usage if first <= each.day < end],
            [each for each in self.costs if first <= each.day < end],
            [each for each in self.hours if first <= each.hour.date() < end],
            [each for each in self.engagement if first <= each.day < end],
            self.left_out,
        )


class Priced(NamedTuple):
    """What decides the price of a day's usage."""

    day: date
    model: str
    kind: ChargeKind
    service_tier: str
    lives_an_hour: bool


class DayCharge(NamedTuple):
    """Tokens or pieces, and money, of one day, model, kind and tier."""

    priced: Priced
    currency: str
    tokens: int
    pieces: int
    amount: Decimal


def usage_by_model(usage: Iterable[UsageCount]) -> dict[tuple[date, str], list[int]]:
    """Return tokens by day and model, in the order of BILLED_KINDS."""
    found: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * len(BILLED_KINDS))
    for each in usage:
        if each.kind in BILLED_KINDS:
            found[each.day, each.model][BILLED_KINDS.index(each.kind)] += each.tokens
    return dict(found)


def charges_of(report: Report) -> list[DayCharge]:
    """Return one charge per day, model, kind, tier and currency with a cost, and the tokens or pieces it is for.

    Costs arrive later than usage. Usage without a cost yet makes no charge, because it would seem to be free.
    """
    amounts: defaultdict[tuple[Priced, str], Decimal] = defaultdict(Decimal)
    for cost in report.costs:
        amounts[_priced(cost), cost.currency] += cost.amount
    counts = _counts_of(report.usage, [priced for priced, _ in amounts])
    charges = []
    for (priced, currency), amount in sorted(amounts.items()):
        # If one kind has costs in two currencies, count its usage once.
        count = counts.pop(priced, 0)
        tokens, pieces = (count, 0) if priced.kind in BILLED_KINDS else (0, count)
        charges.append(DayCharge(priced, currency, tokens, pieces, amount))
    return charges


def _counts_of(usage: Iterable[UsageCount], costs: Iterable[Priced]) -> Counter[Priced]:
    """Return the usage of each cost. Where costs do not name its tier or model, it is part of what they name."""
    exact = set(costs)
    by_kind: dict[tuple[date, str, ChargeKind], Priced] = {}
    for priced in sorted(exact, reverse=True):
        by_kind[priced.day, priced.model, priced.kind] = priced
    counts: Counter[Priced] = Counter()
    for each in usage:
        priced = _priced(each)
        found = priced if priced in exact else by_kind.get((each.day, each.model, each.kind))
        if found is None and each.kind not in BILLED_KINDS:
            found = by_kind.get((each.day, "", each.kind))
        if found is not None:
            counts[found] += each.tokens
    return counts


def _priced(each: UsageCount | Cost) -> Priced:
    return Priced(each.day, each.model, each.kind, each.service_tier, each.lives_an_hour)
