"""Forms of the pages of alerts: answer an alert, test a channel, mute, and set a budget. They do what the API does."""

from decimal import Decimal

from litestar import post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from schema.database import Database
from schema.errors import NotFoundError
from schema.queue import Job, Queue
from service.api.alerts.mutes import store_mute
from service.api.ledger.watched import store_answer, store_budget
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.contracts.alerts.mutes import NewAlertMute
from service.contracts.spend.watched import AlertChange, BudgetIn
from service.dashboard.alerts.reading import row_number
from service.dashboard.shell.answers import HEADERS
from service.dashboard.shell.forms import read_form
from service.dashboard.shell.opening import PageRequest
from service.queries.alerts.deliveries import queue_test
from service.queries.alerts.mutes import remove_mute
from service.queries.ledger.watched import has_alert

PAGE = "/alerts"


class BudgetOnPage(BudgetIn, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget as its form has it: an empty amount removes it."""

    usd: Decimal | None = None


@post("/alerts/{alert_id:str}", summary="Answer an alert", status_code=303)
async def answer_on_page(
    request: PageRequest, alert_id: FromPath[str], database: NamedDependency[Database], queue: NamedDependency[Queue]
) -> Redirect:
    """Acknowledge, resolve, snooze, mute or open an alert again."""
    viewer = require_viewer(request, Role.ADMIN)
    number = row_number(alert_id)
    async with database.organization(viewer.organization_id) as tenant:
        if not number or not await has_alert(tenant, number):
            raise NotFoundError("this alert does not exist; open /alerts for the list")
        is_queued = await store_answer(tenant, number, await read_form(request, AlertChange))
    return _back(f"{PAGE}/{number}", queue if is_queued else None, viewer.organization_id)


@post("/alerts/channels/{channel_id:str}/test", summary="Test an alert channel", status_code=303)
async def try_on_page(
    request: PageRequest, channel_id: FromPath[str], database: NamedDependency[Database], queue: NamedDependency[Queue]
) -> Redirect:
    """Let a worker send a test at once."""
    viewer = require_viewer(request, Role.ADMIN)
    number = row_number(channel_id)
    async with database.organization(viewer.organization_id) as tenant:
        if not number or await queue_test(tenant, number) is None:
            raise NotFoundError("this channel does not exist; open /alerts for the list")
    return _back(f"{PAGE}#channels", queue, viewer.organization_id)


@post("/alerts/mutes", summary="Mute a rule or a team", status_code=303)
async def mute_on_page(request: PageRequest, database: NamedDependency[Database]) -> Redirect:
    """Stop sending the alerts of a rule, of a team, or of a rule for a team."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await store_mute(tenant, await read_form(request, NewAlertMute))
    return _back(f"{PAGE}#muted")


@post("/alerts/mutes/{mute_id:str}/remove", summary="Remove a mute", status_code=303)
async def unmute_on_page(request: PageRequest, mute_id: FromPath[str], database: NamedDependency[Database]) -> Redirect:
    """Send the alerts of a rule or team again."""
    viewer = require_viewer(request, Role.ADMIN)
    number = row_number(mute_id)
    async with database.organization(viewer.organization_id) as tenant:
        if not number or not await remove_mute(tenant, number):
            raise NotFoundError("this mute does not exist; open /alerts for the list")
    return _back(f"{PAGE}#muted")


@post("/alerts/budgets", summary="Set a budget", status_code=303)
async def set_budget_on_page(request: PageRequest, database: NamedDependency[Database]) -> Redirect:
    """Set a budget, or remove it if the amount is empty."""
    viewer = require_viewer(request, Role.ADMIN)
    async with database.organization(viewer.organization_id) as tenant:
        await store_budget(tenant, await read_form(request, BudgetOnPage))
    return _back(f"{PAGE}#budgets")


def _back(to: str, queue: Queue | None = None, organization_id: int = 0) -> Redirect:
    """Return to a page, and wake a worker if something is to be sent."""
    wake_up = BackgroundTask(queue.wake, Job.DELIVER_ALERTS, organization_id) if queue else None
    return Redirect(to, status_code=303, headers=HEADERS, background=wake_up)


ROUTES = [answer_on_page, try_on_page, mute_on_page, unmute_on_page, set_budget_on_page]
