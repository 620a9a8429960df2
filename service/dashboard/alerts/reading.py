"""Reading alerts, and the days around them from rollups."""

from collections.abc import Mapping
from typing import Any, Final

from schema.errors import NotFoundError
from service.dashboard.alerts.facts import AlertFacts, AlertsFacts, Series
from service.dashboard.alerts.subjects import days_of, has_series, view_of
from service.dashboard.quality.links import DIRECT
from service.dashboard.shell.opening import Opened
from service.dashboard.spend.scope import read_by, scope_of
from service.queries.alerts.channels import list_channels
from service.queries.alerts.deliveries import list_deliveries
from service.queries.alerts.mutes import list_mutes
from service.queries.ledger.policies import read_policies
from service.queries.ledger.watched import read_alert, read_alerts, read_budgets, read_forecasts_of_budgets
from service.queries.spend.buckets import SpendBucket, buckets_of
from service.queries.spend.reading import Amounts, Cell
from service.queries.teams.teams import find_team

ACTIVE: Final = ("open", "acknowledged", "snoozed")
# Of more alerts, the newest; the API lists all.
MOST: Final = 50
# Alerts with a chart on the page of all.
MOST_CHARTS: Final = 6
LARGEST_ID: Final = 2**63 - 1


async def read_all_alerts(opened: Opened) -> AlertsFacts:
    """Read alerts, budgets and policies of a team or of all, and the channels."""
    tenant, team_id, own = opened.tenant, opened.team_id, opened.view.own_team
    newest, *by_state = [
        await read_alerts(tenant, team_id, state, opened.thresholds, before=None, limit=MOST)
        for state in (None, *ACTIVE)
    ]
    active = [row for rows in by_state for row in rows]
    forecasts = await read_forecasts_of_budgets(tenant, team_id, opened.thresholds)
    return AlertsFacts(
        active=active,
        past=[row for row in newest if row["state"] not in ACTIVE],
        series={row["alert_id"]: await read_series(opened, row) for row in active[:MOST_CHARTS] if has_series(row)},
        channels=[row for row in await list_channels(tenant) if not own or row["team"] == own],
        budgets=await read_budgets(tenant, team_id),
        forecasts=forecasts,
        policies=await read_policies(tenant, team_id),
        mutes=[row for row in await list_mutes(tenant) if not own or row["team"] in {None, own}],
        watched_to=max((row["made_to"] for row in forecasts), default=None),
    )


async def read_one_alert(opened: Opened, number: str) -> AlertFacts:
    """Read one alert by its number in the address; raises NotFoundError if it does not exist."""
    alert_id = row_number(number)
    row = await read_alert(opened.tenant, opened.only_team, alert_id, opened.thresholds) if alert_id else None
    if row is None:
        raise NotFoundError("this alert does not exist; open /alerts for the list")
    series = await read_series(opened, row) if has_series(row) else None
    sent = await list_deliveries(opened.tenant, alert_id=alert_id, limit=MOST)
    if own := opened.view.own_team:
        visible = {channel["id"] for channel in await list_channels(opened.tenant) if channel["team"] == own}
        sent = [each for each in sent if each["channel_id"] in visible]
    return AlertFacts(row, series, sent)


def row_number(text: str) -> int:
    """Return the id of a row from an address; 0 if it cannot be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_number and int(text) <= LARGEST_ID else 0


async def read_series(opened: Opened, alert: Mapping[str, Any]) -> Series:
    """Read the days around an alert, of the part of spend that it is about."""
    today = opened.view.today
    span = days_of(alert, today)
    view = view_of(alert, today)
    try:
        team_id = await find_team(opened.tenant, view.team) if view.team else None
    except NotFoundError:
        return Series(span, ())
    buckets = buckets_of(span, SpendBucket.DAY, None)
    by = "evidence" if alert["kind"] == "linked_share" else "fate"
    cells = await read_by(opened.tenant, scope_of(view, team_id), buckets, by)
    linked = [cell for cell in cells if by == "evidence" and cell.groups[0] in DIRECT]
    return Series(
        span,
        [_added(cells, place) for place in range(1, len(buckets) + 1)],
        [_added(linked, place).tokens.total for place in range(1, len(buckets) + 1)] if by == "evidence" else (),
    )


def _added(cells: list[Cell], bucket: int) -> Amounts:
    total = Amounts()
    for cell in cells:
        if cell.bucket == bucket:
            total = Amounts(
                total.tokens.plus(cell.now.tokens),
                total.nano_usd + cell.now.nano_usd,
                total.requests + cell.now.requests,
            )
    return total
