"""/api/v1/policies: the providers, models and regions that teams may use."""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from service.api.parameters import TeamName
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization, visible_team
from service.contracts.spend.policy import PolicyIn, PolicyList, PolicyShown
from service.queries.ledger.policies import read_policies, save_policy
from service.queries.teams.teams import find_team

WHOLE_ORGANIZATION = 0
LISTS = {"provider": "providers", "model": "models", "region": "regions"}


@get("/api/v1/policies", guards=[requires("read")], summary="List policies", tags=["figures"])
async def show_policies(
    caller: NamedDependency[Caller], database: NamedDependency[Database], team: TeamName = None
) -> PolicyList:
    """List which providers, models and regions teams may use. With `team`, its policy and that of the organization."""
    async with database.organization(caller.organization_id) as tenant:
        rows = await read_policies(tenant, await visible_team(tenant, caller, team))
    return _shown(rows)


@post("/api/v1/policies", status_code=200, guards=[requires("admin")], summary="Set a policy", tags=["figures"])
async def set_policy(
    data: JSONBody[PolicyIn], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PolicyList:
    """Replace or remove the policy of a team, or of all teams without one, and return all policies.

    An alert is raised for each provider, model or region outside it. Nothing is blocked.
    """
    require_whole_organization(caller)
    allowed = {dimension: getattr(data, name) for dimension, name in LISTS.items()}
    async with database.organization(caller.organization_id) as tenant:
        team_id = await find_team(tenant, data.team) if data.team else WHOLE_ORGANIZATION
        await save_policy(tenant, team_id, allowed)
        rows = await read_policies(tenant, None)
    return _shown(rows)


def _shown(rows: Iterable[Mapping[str, Any]]) -> PolicyList:
    policies: dict[str | None, dict[str, list[str]]] = {}
    for row in rows:
        policies.setdefault(row["team"], {})[LISTS[row["dimension"]]] = row["allowed"]
    empty: dict[str, list[str]] = {name: [] for name in LISTS.values()}
    return PolicyList([PolicyShown(team=team, **{**empty, **lists}) for team, lists in policies.items()])


ROUTES = [show_policies, set_policy]
