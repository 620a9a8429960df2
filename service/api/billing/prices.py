"""/api/v1/prices: prices that you negotiated, instead of list prices."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from litestar import Response, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database
from schema.errors import NotFoundError
from schema.queue import Job, Queue
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.connections.names import LARGEST_ID
from service.contracts.price import PriceBatch, PriceIn, PriceList, PriceReceipt, PriceShown
from service.queries.billing.prices import StoredPrice, delete_price, list_prices, save_prices
from vocabulary.model_keys import model_key
from vocabulary.model_names import model_name
from vocabulary.price_kinds import PIECES, PriceKind
from vocabulary.service_tiers import service_tier

PICO_USD = 10**12
MILLION = 10**6


@get("/api/v1/prices", guards=[requires("read")], summary="List contract prices", tags=["administration"])
async def show_prices(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> PriceList:
    """List the prices that you negotiated, by model. Everything else costs the list price."""
    require_whole_organization(caller)
    after = read_cursor(cursor, tuple[str, str, str, date, int])
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_prices(tenant, after, limit + 1)
    names = ("model", "service_tier", "kind", "first_day", "price_id")
    page, next_cursor = cut(rows, limit, lambda row: tuple(row[name] for name in names))
    return PriceList(items=[price_shown(row) for row in page], next_cursor=next_cursor)


@post(
    "/api/v1/prices",
    status_code=200,
    guards=[requires("admin")],
    summary="Set contract prices",
    tags=["administration"],
)
async def set_prices(
    data: JSONBody[PriceBatch],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[PriceReceipt]:
    """Store prices by model, kind, service tier and day, all or none. They also apply to what was spent earlier.

    A worker prices the tokens of these models again. A model without list prices needs prices for `input_uncached` and
    `output`.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        changed = await save_prices(tenant, [_stored(item) for item in data.items])
    wake_up = BackgroundTask(queue.wake, Job.REPRICE_WINDOWS, caller.organization_id)
    return Response(PriceReceipt(len(data.items), changed), background=wake_up if changed else None)


@delete(
    "/api/v1/prices/{price_id:int}",
    guards=[requires("admin")],
    summary="Delete a contract price",
    tags=["administration"],
)
async def remove_price(
    price_id: Annotated[int, PathParameter(description="Id of a contract price")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[None]:
    """Delete a price. A worker prices the tokens of its model again, by the list if no other price holds."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        is_gone = 0 < price_id <= LARGEST_ID and await delete_price(tenant, price_id)
    if not is_gone:
        raise NotFoundError("no contract price has this id; list them with GET /api/v1/prices", field="price_id")
    wake_up = BackgroundTask(queue.wake, Job.REPRICE_WINDOWS, caller.organization_id)
    return Response(None, status_code=204, background=wake_up)


def _stored(item: PriceIn) -> StoredPrice:
    known = model_name(item.model, item.provider)
    return StoredPrice(
        provider=known.provider if item.provider else "",
        model=model_key(known.model or item.model),
        service_tier=service_tier(item.service_tier),
        kind=item.kind,
        first_day=item.first_day,
        last_day=item.last_day,
        pico_usd=int(item.usd * PICO_USD / _units(item.kind)),
    )


def _units(kind: str) -> int:
    """Return how many tokens or pieces a price is for."""
    return 1 if PriceKind(kind) in PIECES else MILLION


def price_shown(row: Mapping[str, Any]) -> PriceShown:
    """Convert a row to the API's contract."""
    usd = Decimal(row["pico_usd"]) * _units(row["kind"]) / PICO_USD
    names = ("model", "kind", "first_day", "last_day", "provider", "service_tier", "created_at")
    return PriceShown(id=row["price_id"], usd=f"{usd.normalize():f}", **{name: row[name] for name in names})


ROUTES = [show_prices, set_prices, remove_price]
