"""/api/v1/ownership/factors: what running models costs beside their tokens, and how much energy they need."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from service.api.ownership.parts import Book, Factor, family_of, general_factors, scopes_of
from service.api.ownership.shown import factor_shown
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.connections.names import LARGEST_ID
from service.contracts.spend.ownership import MILLIONTH, FactorBatch, FactorIn, FactorList, FactorReceipt
from service.errors import ConflictError
from service.queries.ledger.overhead import read_overhead
from service.queries.spend.ownership_factors import (
    StoredFactor,
    delete_factor,
    list_factors,
    lock_factors,
    save_factors,
)
from vocabulary.model_keys import model_key
from vocabulary.model_names import model_name, provider_name


@get("/api/v1/ownership/factors", guards=[requires("read")], summary="List factors of ownership", tags=["figures"])
async def show_factors(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> FactorList:
    """List the factors of the total cost of ownership with their sources: yours, then those that hold without them.

    Those are published factors of energy and carbon, and the parts of `PUT /api/v1/overhead-multiplier`.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        book = await read_book(tenant)
    return FactorList([factor_shown(each) for each in book.factors])


@post(
    "/api/v1/ownership/factors",
    status_code=200,
    guards=[requires("admin")],
    summary="Set factors of ownership",
    tags=["administration"],
)
async def set_factors(
    data: JSONBody[FactorBatch], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> FactorReceipt:
    """Store factors by part, scope and first day, all or none. A factor of a provider or model goes before one of all.

    A part is either by provider or by model, so that sums stay exact; the parts of energy and carbon share that.
    """
    require_whole_organization(caller)
    stored = [_stored(item, f"items[{index}]") for index, item in enumerate(data.items)]
    async with database.organization(caller.organization_id) as tenant:
        await lock_factors(tenant)
        _refuse_both_scopes([_factor(row) for row in await list_factors(tenant)], stored)
        changed = await save_factors(tenant, stored)
    return FactorReceipt(received=len(stored), changed=changed)


@delete(
    "/api/v1/ownership/factors/{factor_id:int}",
    guards=[requires("admin")],
    summary="Delete a factor of ownership",
    tags=["administration"],
)
async def remove_factor(
    factor_id: Annotated[int, PathParameter(description="Id of a factor")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Delete a factor that you set. The one before it, or the published one, holds again."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        is_gone = 0 < factor_id <= LARGEST_ID and await delete_factor(tenant, factor_id)
    if not is_gone:
        raise NotFoundError("no factor has this id; list them with GET /api/v1/ownership/factors", field="factor_id")


async def read_book(tenant: Tenant) -> Book:
    """Return the factors of the organization, and those that hold without them."""
    own = [_factor(row) for row in await list_factors(tenant)]
    return Book([*own, *general_factors(await read_overhead(tenant))])


def _refuse_both_scopes(known: Sequence[Factor], stored: Sequence[StoredFactor]) -> None:
    """Raise ConflictError for an item after which a family would have factors of providers and of models."""
    factors = list(known)
    for index, each in enumerate(stored):
        factors.append(Factor(*each))
        scopes = scopes_of(factors).get(family_of(each.part), set())
        if len(scopes) > 1:
            raise ConflictError(
                f"{family_of(each.part)} has factors by {' and by '.join(sorted(scopes))}; use one of them, and remove"
                " the others with: shipledger overhead remove ID",
                field=f"items[{index}].{Factor(*each).scope}",
            )


def _stored(item: FactorIn, place: str) -> StoredFactor:
    provider = provider_name(item.provider)
    model = model_key(model_name(item.model).model or item.model) if item.model else ""
    for name, given, known in (("provider", item.provider, provider), ("model", item.model, model)):
        if given and not known:
            raise BadInputError(f"must be the name of a {name}", field=f"{place}.{name}")
    low, high = item.value if item.low is None else item.low, item.value if item.high is None else item.high
    return StoredFactor(
        part=item.part,
        provider=provider,
        model=model,
        first_day=item.first_day,
        low=int(low / MILLIONTH),
        value=int(item.value / MILLIONTH),
        high=int(high / MILLIONTH),
        source=item.source,
    )


def _factor(row: Mapping[str, Any]) -> Factor:
    return Factor(**dict(row))


ROUTES = [show_factors, set_factors, remove_factor]
