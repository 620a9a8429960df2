"""PUT /api/v1/connections/{id}/summaries: write the cost of pull requests to the forge. Off by default."""

from litestar import put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from service.api.parameters import ConnectionId
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import parse_connection_name
from service.contracts.connection import NewSummaries
from service.queries.forge.summaries import lock_for_summaries, set_summaries

NEEDED = {
    "github": "cannot be true: only GitHub Apps can write check runs; register one with shipledger github create-app"
    " --summaries and switch it on for its installation",
    "gitlab": "cannot be true yet: give the connection an access token with the scope api first",
}


@put(
    "/api/v1/connections/{connection_id:str}/summaries",
    guards=[requires("admin")],
    status_code=204,
    summary="Turn pull request summaries on or off",
    tags=["connections"],
)
async def switch_summaries(
    data: JSONBody[NewSummaries],
    connection_id: ConnectionId,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Write one check run (GitHub) or note (GitLab) per pull request. Turning this off keeps what was written."""
    name = parse_connection_name(connection_id)
    async with database.organization(caller.organization_id) as tenant:
        is_own = name.organization_id == caller.organization_id
        row = await lock_for_summaries(tenant, name.connection_id) if is_own else None
        if row is None:
            raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
        if data.enabled and not row["is_able"]:
            raise BadInputError(NEEDED[row["forge"]], field="enabled")
        await set_summaries(tenant, name.connection_id, enabled=data.enabled)


ROUTES = [switch_summaries]
