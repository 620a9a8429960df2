"""Forms about dead letters and labels."""

from litestar import post
from litestar.di import NamedDependency
from litestar.response import Redirect

from schema.database import Database
from schema.queue import Queue
from service.api.forge.labels import labels_shown, wake_for_names
from service.api.upkeep.dead_letters import hand_back, wake_for
from service.auth.roles import Role
from service.auth.viewer import require_viewer
from service.contracts.dead_letter import Replay
from service.contracts.labels import LabelsIn
from service.dashboard.administration.forms import done
from service.dashboard.shell.forms import convert_fields, read_fields
from service.dashboard.shell.opening import PageRequest
from service.queries.forge.labels import find_backfills, read_labels, set_labels


@post("/administration/dead-letters", summary="Hand dead letters back to workers", status_code=303)
async def hand_letters_back(
    request: PageRequest, database: NamedDependency[Database], queue: NamedDependency[Queue]
) -> Redirect:
    """Let workers try one dead letter again, or without an id all."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields({"id": None, **await read_fields(request)}, Replay)
    async with database.organization(viewer.organization_id) as tenant:
        replayed = await hand_back(tenant, data.id)
    await wake_for(queue, viewer.organization_id, list(replayed))
    return done("handed-back" if replayed else "nothing-handed-back", "dead-letters")


@post("/administration/labels", summary="Turn labels on or off", status_code=303)
async def turn_labels(
    request: PageRequest, database: NamedDependency[Database], queue: NamedDependency[Queue]
) -> Redirect:
    """Store and show names, or delete all that are stored."""
    viewer = require_viewer(request, Role.ADMIN)
    data = convert_fields(await read_fields(request), LabelsIn)
    async with database.organization(viewer.organization_id) as tenant:
        await set_labels(tenant, enabled=data.enabled)
        shown = labels_shown(await read_labels(tenant), await find_backfills(tenant))
    await wake_for_names(queue, viewer.organization_id, shown)
    return done("labels-on" if data.enabled else "labels-off", "names")


ROUTES = [hand_letters_back, turn_labels]
