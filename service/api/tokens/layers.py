"""/api/v1/layers: which layer counts if agents, gateways and providers report the same tokens."""

from collections.abc import Mapping

from litestar import Response, get, put
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from schema.layer_policies import read_policy
from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.layers import LayersIn, LayersShown, SupersededIn
from service.queries.teams.teams import find_team
from service.queries.tokens.layers import read_team_names, save_policy
from vocabulary.layers import EVERY_TEAM, ORDER, Layer, LayerPolicy


@get("/api/v1/layers", guards=[requires("read")], summary="Get the layer policy", tags=["set-up"])
async def show_layers(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> LayersShown:
    """Get the layer policy. `GET /api/v1/coverage` shows its effect."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        policy = await read_policy(tenant)
        teams = await read_team_names(tenant)
    return _shown(policy, teams)


@put("/api/v1/layers", guards=[requires("admin")], summary="Set the layer policy", tags=["set-up"])
async def set_layers(
    data: JSONBody[LayersIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[LayersShown]:
    """Set which layer counts first, the layers of your own sources, and sources that do not count at all.

    If layers report the same request, only one report counts, with its own team, links and tags. The policy applies to
    new tokens, and to earlier ones whose raw events are still stored.
    """
    require_whole_organization(caller)
    if set(data.order) != set(ORDER):
        raise BadInputError("must name each of agent, gateway and provider once", field="order")
    async with database.organization(caller.organization_id) as tenant:
        policy = LayerPolicy(
            order=tuple(Layer(name) for name in data.order),
            sources={source: Layer(name) for source, name in data.sources.items()},
            superseded=frozenset(
                [(rule.source, await _team(tenant, rule.team, index)) for index, rule in enumerate(data.superseded)]
            ),
        )
        await save_policy(tenant, policy)
        teams = await read_team_names(tenant)
    wake_up = BackgroundTask(queue.wake, Job.FOLD_TOKEN_EVENTS, caller.organization_id)
    return Response(_shown(policy, teams), background=wake_up)


async def _team(tenant: Tenant, name: str | None, index: int) -> int:
    if name is None:
        return EVERY_TEAM
    try:
        return await find_team(tenant, name)
    except NotFoundError as error:
        raise NotFoundError(error.detail, field=f"superseded[{index}].team") from error


def _shown(policy: LayerPolicy, teams: Mapping[int, str]) -> LayersShown:
    return LayersShown(
        order=list(policy.order),
        sources=dict(sorted(policy.sources.items())),
        superseded=[
            SupersededIn(source=source, team=teams.get(team_id)) for source, team_id in sorted(policy.superseded)
        ],
    )


ROUTES = [show_layers, set_layers]
