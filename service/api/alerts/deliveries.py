"""/api/v1/alert-deliveries: what was sent to alert channels."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from schema.database import Database
from schema.errors import NotFoundError
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.alerts.deliveries import AlertDeliveryList, AlertDeliveryShown
from service.failures import explained
from service.queries.alerts.deliveries import list_deliveries

LARGEST_ID = 2**63 - 1

OnlyChannel: TypeAlias = Annotated[
    int | None, QueryParameter(name="channel_id", ge=1, le=LARGEST_ID, description="Only deliveries to this channel")
]
OnlyAlert: TypeAlias = Annotated[
    int | None, QueryParameter(name="alert_id", ge=1, le=LARGEST_ID, description="Only deliveries of this alert")
]


@get("/api/v1/alert-deliveries", guards=[requires("read")], summary="List deliveries of alerts", tags=["alerts"])
async def show_alert_deliveries(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    channel_id: OnlyChannel = None,
    alert_id: OnlyAlert = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AlertDeliveryList:
    """List what was sent to alert channels, or waits to be sent; the newest first."""
    require_whole_organization(caller)
    (before,) = decode_cursor(cursor, tuple[int]) if cursor else (None,)
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_deliveries(tenant, channel_id=channel_id, alert_id=alert_id, before=before, limit=limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: (row["id"],))
    return AlertDeliveryList([delivery_shown(row) for row in page], next_cursor)


@get(
    "/api/v1/alert-deliveries/{delivery_id:int}",
    guards=[requires("read")],
    summary="Show a delivery of an alert",
    tags=["alerts"],
)
async def show_alert_delivery(
    delivery_id: Annotated[int, PathParameter(description="Id of a delivery")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AlertDeliveryShown:
    """Show whether an alert or a test arrived, and otherwise why not and what to do."""
    require_whole_organization(caller)
    found = []
    if 0 < delivery_id <= LARGEST_ID:
        async with database.organization(caller.organization_id) as tenant:
            found = [*await list_deliveries(tenant, delivery_id=delivery_id)]
    if not found:
        raise NotFoundError(
            "must be an existing delivery; list them with GET /api/v1/alert-deliveries", field="delivery_id"
        )
    return delivery_shown(found[0])


def delivery_shown(row: Mapping[str, Any]) -> AlertDeliveryShown:
    """Convert a row to the API's contract."""
    return AlertDeliveryShown(**explained(row))


ROUTES = [show_alert_deliveries, show_alert_delivery]
