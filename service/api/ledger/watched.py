"""/api/v1/budgets, /forecasts and /alerts: what spend may be, will be, and what is unusual about it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from schema.queue import Job, Queue
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.api.parameters import TeamName
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization, visible_team
from service.contracts.spend.change import CausesShown
from service.contracts.spend.watched import (
    LARGEST_USD,
    AlertChange,
    AlertList,
    AlertShown,
    AlertState,
    BudgetIn,
    BudgetList,
    BudgetShown,
    ForecastList,
    ForecastShown,
)
from service.queries.alerts.deliveries import queue_answer
from service.queries.ledger.watched import (
    BudgetRow,
    change_alert,
    read_alert,
    read_alerts,
    read_budgets,
    read_forecasts,
    save_budget,
)
from service.queries.teams.comparisons import Thresholds, thresholds_of
from service.queries.teams.teams import find_team
from vocabulary.causes.split import Causes
from vocabulary.tokens import nano_usd, usd_text

OnlyState: TypeAlias = Annotated[
    AlertState | None, QueryParameter(name="state", description="Only alerts in this state")
]
WHOLE_ORGANIZATION = 0
LARGEST_ID = 2**63 - 1
LAST_DAY = date.max - timedelta(days=1)
NO_ALERT = "must be an existing alert; list them with GET /api/v1/alerts"
# Receivers that follow an alert learn that somebody took it, or that it is over.
ANSWERS = {"acknowledged": "acknowledged", "resolved": "resolved", "muted": "resolved"}

AlertId: TypeAlias = Annotated[int, PathParameter(description="Id of an alert")]


@get("/api/v1/budgets", guards=[requires("read")], summary="List budgets", tags=["figures"])
async def show_budgets(
    caller: NamedDependency[Caller], database: NamedDependency[Database], team: TeamName = None
) -> BudgetList:
    """List what teams and the organization may spend in each month or quarter, on all models or one."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_budgets(tenant, await visible_team(tenant, caller, team))
    return BudgetList([_budget(row) for row in rows])


@post("/api/v1/budgets", status_code=200, guards=[requires("admin")], summary="Set a budget", tags=["figures"])
async def set_budget(
    data: JSONBody[BudgetIn], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> BudgetList:
    """Set or remove the budget of a team or the organization, for one model or all, and return all budgets.

    Alerts are raised when 50, 80 and 100 % of it are spent, when its hard limit is reached, and when a forecast says on
    which day one of both will be exceeded.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await store_budget(tenant, data)
        rows = await read_budgets(tenant, None)
    return BudgetList([_budget(row) for row in rows])


async def store_budget(tenant: Tenant, data: BudgetIn) -> None:
    """Set or remove a budget; raises BadInputError for an amount, and NotFoundError for a team."""
    if data.usd is not None and not 0 < data.usd <= LARGEST_USD:
        raise BadInputError(f"must be above 0 and at most {LARGEST_USD:,}; null removes the budget", field="usd")
    if data.hard_usd is not None and not (data.usd or LARGEST_USD) <= data.hard_usd <= LARGEST_USD:
        raise BadInputError(f"must be at least usd and at most {LARGEST_USD:,}", field="hard_usd")
    team_id = await find_team(tenant, data.team) if data.team else WHOLE_ORGANIZATION
    row = BudgetRow(data.model or "", data.period, _nano_usd(data.usd), _nano_usd(data.hard_usd))
    await save_budget(tenant, team_id, row)


@get("/api/v1/forecasts", guards=[requires("read")], summary="Show forecasts of spend", tags=["figures"])
async def show_forecasts(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
) -> ForecastList:
    """Show what will have been spent at the end of the present month and quarter, and when budgets are exceeded.

    A forecast needs four weeks of history. It is made every day once the day before is settled. The figures of a team
    with too few people are withheld, and a single such team is not withheld alone.
    """
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_forecasts(tenant, await visible_team(tenant, caller, team), thresholds_of(settings))
    return ForecastList([_forecast(row) for row in rows])


@get("/api/v1/alerts", guards=[requires("read")], summary="List alerts", tags=["figures"])
async def show_alerts(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    only: OnlyState = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AlertList:
    """List what is unusual about spend, the newest first.

    Rises with their causes, shares of reasoning, caching and linked tokens that shifted, prompts that grow, spend
    outside a policy, silent telemetry, and budgets that are or will be exceeded. Of a team with too few people, alerts
    say what happened, and not how much.
    """
    (before,) = decode_cursor(cursor, tuple[int]) if cursor else (None,)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        rows = await read_alerts(tenant, team_id, only, thresholds_of(settings), before=before, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["alert_id"],))
    return AlertList([_alert(row) for row in page], next_cursor)


@get("/api/v1/alerts/{alert_id:int}", guards=[requires("read")], summary="Show an alert", tags=["figures"])
async def show_alert(
    alert_id: AlertId,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
) -> AlertShown:
    """Show one alert."""
    async with database.organization(caller.organization_id) as tenant:
        return await _read(tenant, caller, alert_id, thresholds_of(settings))


@post(
    "/api/v1/alerts/{alert_id:int}",
    status_code=200,
    guards=[requires("admin")],
    summary="Acknowledge, resolve, snooze or mute an alert",
    tags=["figures"],
)
async def answer_alert(
    alert_id: AlertId,
    data: JSONBody[AlertChange],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    queue: NamedDependency[Queue],
) -> Response[AlertShown]:
    """Change the state of an alert.

    A muted alert is never raised again; a snoozed one is sent to its channels again after its last day. Channels of
    kind `pagerduty` and `webhook` learn that an alert is acknowledged, and that it is resolved or muted.
    """
    require_whole_organization(caller)
    _check_snooze(data)
    async with database.organization(caller.organization_id) as tenant:
        await _read(tenant, caller, alert_id, thresholds_of(settings))
        is_queued = await store_answer(tenant, alert_id, data)
        shown = await _read(tenant, caller, alert_id, thresholds_of(settings))
    wake_up = BackgroundTask(queue.wake, Job.DELIVER_ALERTS, caller.organization_id) if is_queued else None
    return Response(shown, status_code=200, background=wake_up)


async def store_answer(tenant: Tenant, alert_id: int, data: AlertChange) -> bool:
    """Change the state of an alert that exists; return whether something is to be sent. Raises BadInputError."""
    _check_snooze(data)
    is_changed = await change_alert(tenant, alert_id, data.state, data.snoozed_to)
    return is_changed and data.state in ANSWERS and await queue_answer(tenant, alert_id, ANSWERS[data.state])


def _check_snooze(data: AlertChange) -> None:
    if (data.state == "snoozed") != (data.snoozed_to is not None):
        raise BadInputError("is required with state snoozed, and only with it", field="snoozed_to")
    if data.snoozed_to is not None and not datetime.now(UTC).date() <= data.snoozed_to <= LAST_DAY:
        raise BadInputError(f"must be a UTC day from today to {LAST_DAY}", field="snoozed_to")


async def _read(tenant: Tenant, caller: Caller, alert_id: int, thresholds: Thresholds) -> AlertShown:
    row = await read_alert(tenant, caller.team_id, alert_id, thresholds) if 0 < alert_id <= LARGEST_ID else None
    if row is None:
        raise NotFoundError(NO_ALERT, field="alert_id")
    return _alert(row)


def _nano_usd(usd: Decimal | None) -> int | None:
    return None if usd is None else nano_usd(usd)


def _usd(nano: int | None) -> str | None:
    return None if nano is None else usd_text(nano)


def _budget(row: Mapping[str, Any]) -> BudgetShown:
    return BudgetShown(
        team=row["team"],
        model=row["model"] or None,
        period=row["period"],
        usd=usd_text(row["nano_usd"]),
        hard_usd=_usd(row["hard_nano_usd"]),
    )


def _forecast(row: Mapping[str, Any]) -> ForecastShown:
    money: dict[str, Any] = {
        f"{name}_usd": _usd(row[f"{name}_nano_usd"]) for name in ("spent", "likely", "low", "high")
    }
    plain = ("team", "period", "first_day", "made_to", "model", "exceeded_on", "earliest_on", "withheld_reason")
    return ForecastShown(
        **money,
        **{name: row[name] for name in plain},
        of_model=row["of_model"] or None,
        budget_usd=_usd(row["budget_nano_usd"]),
    )


def _alert(row: Mapping[str, Any]) -> AlertShown:
    plain = ("kind", "subject", "team", "cause", "began_on", "found_on", "before", "after", "link", "withheld_reason")
    parts = zip(Causes._fields, row["causes"] or (), strict=False)
    return AlertShown(
        id=row["alert_id"],
        usual_usd=_usd(row["usual_nano_usd"]),
        spent_usd=_usd(row["spent_nano_usd"]),
        seen_on=row["seen_on"] or row["found_on"],
        sentence=row["sentence"] or row["subject"],
        causes=CausesShown(**{f"{name}_usd": usd_text(part) for name, part in parts}) if row["causes"] else None,
        **{name: row[name] for name in (*plain, "state", "snoozed_to", "created_at")},
    )


ROUTES = [show_budgets, set_budget, show_forecasts, show_alerts, show_alert, answer_alert]
