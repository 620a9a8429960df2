"""Whether what pull requests cost is written to them at the forge; off unless somebody wants it."""

from litestar import put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from schema.contracts.connection import NewSummaries
from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from service.auth.caller import Caller
from service.auth.guards import requires
from service.connections.names import parse_connection_name

NEEDED = {
    "github": "cannot be: GitHub lets only Apps write check runs; register one with shipledger github create-app"
    " --summaries and switch it on for its installation",
    "gitlab": "cannot be yet: give the connection an access token with the scope api first",
}

_ABLE = """
    SELECT forge, CASE forge WHEN 'github' THEN registration_id IS NOT NULL AND installation_id IS NOT NULL
                             ELSE sealed_token IS NOT NULL END AS is_able
    FROM connection WHERE organization_id = $1 AND connection_id = $2 AND state <> 'deleted'
    FOR UPDATE
"""

_SWITCH = """
    UPDATE connection SET summaries = $3, summaries_failure = NULL WHERE organization_id = $1 AND connection_id = $2
"""

# Those that a refusal had put off, as somebody may have changed a permission since.
_TRY_AGAIN = """
    UPDATE summary SET state = 'waiting', attempts = 0, next_attempt_at = now()
    WHERE organization_id = $1 AND state <> 'processed' AND artifact_id IN (
        SELECT artifact_id FROM summary WHERE organization_id = $1 AND connection_id = $2
        ORDER BY artifact_id FOR UPDATE)
"""

_FORGET = """
    DELETE FROM summary WHERE organization_id = $1 AND artifact_id IN (
        SELECT artifact_id FROM summary WHERE organization_id = $1 AND connection_id = $2
        ORDER BY artifact_id FOR UPDATE)
"""


@put(
    "/api/v1/connections/{connection_id:str}/summaries",
    guards=[requires("admin")],
    status_code=204,
    summary="Show figures on pull requests",
    tags=["connections"],
)
async def switch_summaries(
    data: JSONBody[NewSummaries],
    connection_id: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """From now on, one check run (GitHub) or note (GitLab) a pull request; switched off, what was written stays."""
    name = parse_connection_name(connection_id)
    async with database.organization(caller.organization_id) as tenant:
        row = (
            await tenant.fetchrow(_ABLE, name.connection_id) if name.organization_id == caller.organization_id else None
        )
        if row is None:
            raise NotFoundError("no connection has this id; list them with GET /api/v1/connections")
        if data.enabled and not row["is_able"]:
            raise BadInputError(NEEDED[row["forge"]], field="enabled")
        await tenant.execute(_SWITCH, name.connection_id, data.enabled)
        await tenant.execute(_TRY_AGAIN if data.enabled else _FORGET, name.connection_id)


ROUTES = [switch_summaries]
