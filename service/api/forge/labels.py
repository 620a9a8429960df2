"""/api/v1/labels: whether names of repositories, pull requests and releases are stored and shown."""

from uuid import UUID

import asyncpg
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from schema.queue import Job, Queue
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.labels import Labelled, LabelsIn, LabelsShown
from service.queries.forge.labels import find_backfills, read_labels, set_labels

KINDS = ("repositories", "pull_requests", "releases")
FETCHED = (
    "Workers fetch the other names from the forges: shipledger labels status shows how far they are. Names of "
    "repositories that no connection may read come with an import: shipledger import git PATH."
)
IMPORT_AGAIN = "Import each clone again to get the other names: shipledger import git PATH."


@get("/api/v1/labels", guards=[requires("read")], summary="Show whether labels are on", tags=["administration"])
async def show_labels(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> LabelsShown:
    """Show whether names of repositories, pull requests and releases are stored, and how many are known."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return labels_shown(await read_labels(tenant), await find_backfills(tenant))


@put("/api/v1/labels", guards=[requires("admin")], summary="Turn labels on or off", tags=["administration"])
async def take_labels(
    data: JSONBody[LabelsIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> LabelsShown:
    """Turn labels on or off. Off deletes all stored labels at once.

    On starts backfills that fetch the names of what is stored, through each connection with access to the forge's API.
    Elsewhere an artifact gets its label when a webhook or an import reports it again; `next_step` says what to do.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await set_labels(tenant, enabled=data.enabled)
        shown = labels_shown(await read_labels(tenant), await find_backfills(tenant))
    await wake_for_names(queue, caller.organization_id, shown)
    return shown


async def wake_for_names(queue: Queue, organization_id: int, shown: LabelsShown) -> None:
    """Wake the workers that fetch names, after labels were turned on."""
    if shown.enabled and shown.backfills:
        await queue.wake(Job.BACKFILL, organization_id)


def labels_shown(row: asyncpg.Record, backfills: list[UUID]) -> LabelsShown:
    """Convert the counts to the API's contract."""
    is_missing = any(row[f"labelled_{kind}"] < row[kind] for kind in KINDS)
    following = (FETCHED if backfills else IMPORT_AGAIN) if row["enabled"] and is_missing else None
    return LabelsShown(
        enabled=row["enabled"],
        backfills=backfills,
        next_step=following,
        **{kind: Labelled(total=row[kind], labelled=row[f"labelled_{kind}"]) for kind in KINDS},
    )


ROUTES = [show_labels, take_labels]
