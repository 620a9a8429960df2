"""/api/v1/alert-mutes: rules and teams whose alerts are not sent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from service.audit.acts import note_made
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.alerts.mutes import AlertMuteList, AlertMuteShown, NewAlertMute
from service.queries.alerts.mutes import add_mute, list_mutes, remove_mute
from service.queries.teams.teams import find_team

ALL_TEAMS, ALL_RULES = 0, ""
LARGEST_ID = 2**63 - 1


@post("/api/v1/alert-mutes", guards=[requires("admin")], summary="Mute a rule or a team", tags=["alerts"])
async def add_alert_mute(
    data: JSONBody[NewAlertMute], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> AlertMuteShown:
    """Stop sending the alerts of a rule, of a team, or of a rule for a team. They are still listed."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        (row,) = await list_mutes(tenant, await store_mute(tenant, data))
    return _shown(row)


async def store_mute(tenant: Tenant, data: NewAlertMute) -> int:
    """Mute what is asked for; returns the id. Raises BadInputError, and NotFoundError for a team."""
    if data.rule is None and data.team is None:
        raise BadInputError("is missing; name a rule, a team, or both", field="rule")
    if data.muted_to is not None and data.muted_to < datetime.now(UTC).date():
        raise BadInputError("must not be before today (UTC)", field="muted_to")
    team_id = await find_team(tenant, data.team) if data.team else ALL_TEAMS
    mute_id = await add_mute(tenant, data.rule or ALL_RULES, team_id, data.muted_to)
    note_made(mute_id)
    return mute_id


@get("/api/v1/alert-mutes", guards=[requires("read")], summary="List mutes", tags=["alerts"])
async def list_alert_mutes(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> AlertMuteList:
    """List the rules and teams whose alerts are not sent."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        rows = await list_mutes(tenant)
    return AlertMuteList([_shown(row) for row in rows])


@delete("/api/v1/alert-mutes/{mute_id:int}", guards=[requires("admin")], summary="Remove a mute", tags=["alerts"])
async def remove_alert_mute(
    mute_id: Annotated[int, PathParameter(description="Id of a mute")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Send the alerts of a rule or team again, from the next one on."""
    require_whole_organization(caller)
    is_removed = False
    if 0 < mute_id <= LARGEST_ID:
        async with database.organization(caller.organization_id) as tenant:
            is_removed = await remove_mute(tenant, mute_id)
    if not is_removed:
        raise NotFoundError("must be an existing mute; list them with GET /api/v1/alert-mutes", field="mute_id")


def _shown(row: Mapping[str, Any]) -> AlertMuteShown:
    return AlertMuteShown(**row)


ROUTES = [add_alert_mute, list_alert_mutes, remove_alert_mute]
