"""Budgets, forecasts and alerts: requests and responses."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor, UsdText
from service.contracts.spend.change import CausesShown

Period: TypeAlias = Literal["month", "quarter"]
Team: TypeAlias = Annotated[str | None, Meta(description="Name of the team; null for the whole organization")]
Model: TypeAlias = Annotated[str | None, Meta(description="Model that is limited; null for all models")]
Figure: TypeAlias = Annotated[UsdText | None, Meta(description="US dollars at list price; null if withheld")]
WithheldReason: TypeAlias = Annotated[str | None, Meta(description="Why the figures of a small team are null")]
AlertState: TypeAlias = Literal["open", "acknowledged", "resolved", "snoozed", "muted"]
AlertRule: TypeAlias = Literal[
    "rise", "reasoning_share", "input_growth", "cache_share", "linked_share", "policy", "silence", "budget"
]

LARGEST_USD = Decimal(10**9)


class BudgetIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team, or the organization, may spend in each month or quarter, on one model or all."""

    period: Annotated[Period, Meta(description="Calendar month or quarter (UTC)")]
    usd: Annotated[Decimal | None, Meta(description="US dollars at list price; null removes the budget")]
    hard_usd: Annotated[
        Decimal | None, Meta(description="Hard limit, at least `usd`, which has an alert of its own")
    ] = None
    team: Annotated[str | None, Meta(description="Name of the team; null for the whole organization")] = None
    model: Annotated[str, Meta(description="Name of a model; null for all models", max_length=200)] | None = None


class BudgetShown(Struct, frozen=True, kw_only=True):
    """A budget."""

    team: Team
    model: Model
    period: Period
    usd: UsdText
    hard_usd: Annotated[UsdText | None, Meta(description="Null without a hard limit")]


class BudgetList(Struct, frozen=True):
    """All budgets."""

    items: list[BudgetShown]
    next_cursor: NextCursor = None


class ForecastShown(Struct, frozen=True, kw_only=True):
    """The spend of the present month or quarter at its end; 80 % of such intervals hold."""

    team: Team
    of_model: Annotated[str | None, Meta(description="Model whose spend is forecast, if it has a budget; null for all")]
    period: Period
    first_day: Annotated[date, Meta(description="First UTC day of the period")]
    made_to: Annotated[date, Meta(description="Last UTC day that was known")]
    spent_usd: Figure
    likely_usd: Figure
    low_usd: Figure
    high_usd: Figure
    model: Annotated[str, Meta(description="run_rate, or a smoothing that beat it on the past of this spend")]
    budget_usd: Annotated[UsdText | None, Meta(description="Null without a budget")]
    exceeded_on: Annotated[date | None, Meta(description="Day on which the budget is likely exceeded")]
    earliest_on: Annotated[date | None, Meta(description="Earliest such day, by the upper end of the interval")]
    withheld_reason: WithheldReason


class ForecastList(Struct, frozen=True):
    """The forecasts of the last settled day."""

    items: list[ForecastShown]
    next_cursor: NextCursor = None


class AlertShown(Struct, frozen=True, kw_only=True):
    """Something about spend that somebody should see. Costs are list prices."""

    id: Annotated[int, Meta(description="Id of the alert")]
    kind: Annotated[
        str,
        Meta(
            description="rise, reasoning_share, input_growth, cache_share, linked_share, policy, silence or budget",
        ),
    ]
    subject: Annotated[str, Meta(description="What it is about, such as `model claude-opus-4-1` or `month 80 %`")]
    team: Team
    cause: Annotated[str | None, Meta(description="What made it; null if that is the subject itself")]
    began_on: Annotated[date, Meta(description="First day of the rise, the week or the period")]
    found_on: date
    seen_on: Annotated[date, Meta(description="Last day on which it still held")]
    usual_usd: Annotated[
        UsdText | None,
        Meta(description="What is usual from the first day to `found_on`, in a week, or the budget; null if withheld"),
    ]
    spent_usd: Annotated[
        UsdText | None, Meta(description="What was spent in these days, or is forecast; null if withheld")
    ]
    causes: Annotated[CausesShown | None, Meta(description="Parts of a rise, which sum to it; null for other kinds")]
    before: Annotated[float | None, Meta(description="Usual share, or usual input tokens of a request")]
    after: Annotated[float | None, Meta(description="The same in the last week; null for rises and budgets")]
    sentence: Annotated[str, Meta(description="The alert in words")]
    link: Annotated[str, Meta(description="Address of the page that shows it, below the URL of the dashboard")]
    withheld_reason: WithheldReason
    state: AlertState
    snoozed_to: Annotated[date | None, Meta(description="Last day on which it stays silent")]
    created_at: datetime


class AlertList(Struct, frozen=True):
    """Alerts, newest first."""

    items: list[AlertShown]
    next_cursor: NextCursor


class AlertChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with an alert: a muted one is never raised again, a snoozed one is sent again after its last day."""

    state: AlertState
    snoozed_to: Annotated[date | None, Meta(description="Last UTC day of silence; only with state snoozed")] = None
