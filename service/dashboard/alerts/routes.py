"""Routes of the pages of alerts."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from schema.database import Database
from schema.settings import Settings
from service.dashboard.alerts import acting
from service.dashboard.alerts.page import build_alert, build_alerts
from service.dashboard.alerts.reading import read_all_alerts, read_one_alert
from service.dashboard.components.figures import Trust
from service.dashboard.shell.frame import Crumb
from service.dashboard.shell.opening import PageRequest, addresses, open_page, without_suffix


@get(addresses("/alerts"), summary="Alerts")
async def show_alerts_page(
    request: PageRequest, settings: NamedDependency[Settings], database: NamedDependency[Database]
) -> Response[Any]:
    """Show open and past alerts, channels, budgets and policies."""
    async with open_page(request, settings, database, ("team",), limits_to_team=True) as opened:
        facts = await read_all_alerts(opened)
        frame = opened.frame("Alerts", "/api/v1/alerts")
        heard = Trust("", frame.heard, dot="warn" if frame.is_silent else "on")
        return opened.answer(
            "alerts/page.html", frame, build_alerts(opened.view, facts, heard, opened.now, opened.freshness.teams)
        )


@get(addresses("/alerts/{alert_id:str}"), summary="One alert")
async def show_alert_page(
    request: PageRequest,
    alert_id: FromPath[str],
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
) -> Response[Any]:
    """Show what an alert says, its days, and where it was sent."""
    async with open_page(request, settings, database, limits_to_team=True) as opened:
        facts = await read_one_alert(opened, without_suffix(alert_id))
        number = facts.alert["alert_id"]
        frame = opened.frame(f"Alert {number}", f"/api/v1/alerts/{number}", [Crumb("Alerts", "/alerts")])
        return opened.answer("alerts/alert.html", frame, build_alert(facts, opened.now))


ROUTES = [show_alerts_page, show_alert_page, *acting.ROUTES]
