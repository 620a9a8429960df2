"""/api/v1/labels: whether names of repositories, pull requests and releases are stored and shown."""

import asyncpg
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import require_whole_organization
from service.contracts.labels import Labelled, LabelsIn, LabelsShown
from service.queries.forge.labels import read_labels, set_labels


@get("/api/v1/labels", guards=[requires("read")], summary="Show whether labels are on", tags=["administration"])
async def show_labels(caller: NamedDependency[Caller], database: NamedDependency[Database]) -> LabelsShown:
    """Show whether names of repositories, pull requests and releases are stored, and how many are known."""
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        return labels_shown(await read_labels(tenant))


@put("/api/v1/labels", guards=[requires("admin")], summary="Turn labels on or off", tags=["administration"])
async def take_labels(
    data: JSONBody[LabelsIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> LabelsShown:
    """Turn labels on or off. Off deletes all stored labels at once.

    Names are stored only from now on. An artifact without a label gets one when a webhook, a backfill or an import
    reports it again.
    """
    require_whole_organization(caller)
    async with database.organization(caller.organization_id) as tenant:
        await set_labels(tenant, enabled=data.enabled)
        return labels_shown(await read_labels(tenant))


def labels_shown(row: asyncpg.Record) -> LabelsShown:
    """Convert the counts to the API's contract."""
    return LabelsShown(
        enabled=row["enabled"],
        **{
            kind: Labelled(total=row[kind], labelled=row[f"labelled_{kind}"])
            for kind in ("repositories", "pull_requests", "releases")
        },
    )


ROUTES = [show_labels, take_labels]
