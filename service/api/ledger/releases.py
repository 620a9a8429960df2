"""/api/v1/releases: shown with what they cost."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from schema.contracts.values import Forge
from schema.database import Database
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import artifact_bytes, artifact_text
from schema.organizations import OrganizationKeys
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, instant_cursor
from service.api.ledger.attributions import named_repository
from service.api.ledger.release_figures import release_fields
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import pinned_team, visible_team
from service.contracts.reconciliation import CostKind
from service.contracts.release import ReleaseDetail, ReleaseList, ReleaseShown
from service.queries.ledger.calibrations import read_calibrations
from service.queries.ledger.releases import WantedReleases, read_parts, read_releases, read_shipped
from service.queries.teams.comparisons import thresholds_of
from service.queries.teams.teams import read_sizes


@get("/api/v1/releases", guards=[requires("read")], summary="What releases cost", tags=["figures"])
async def list_releases(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    settings: NamedDependency[Settings],
    forge: FromQuery[Forge] = "github",
    repository: Annotated[str | None, QueryParameter(description="host/owner/name, or a clone URL")] = None,
    tag: Annotated[str | None, QueryParameter(description="with repository: the release of that tag")] = None,
    cost_kind: FromQuery[CostKind] = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReleaseList:
    """Releases, newest first, each with the sum of the pull requests that it shipped first of its family.

    The family is what the tag names: `pkg@1.2.3` and `pkg/v1.2.3` are of `pkg`, `v1.2.3` of the repository itself. A
    prerelease ships what it shows first, its full release the rest. Drafts and deleted releases ship nothing; their
    pull requests go to the next. A release ships what an import
    lists, else what its commits hold where the forge can be asked, else what had reached its branch by then.
    Dollars are at list prices, at the effective prices that bills tell, or what the ledger carries of the bills.
    """
    if tag is not None and not repository:
        raise BadInputError("is missing; add the repository that the tag belongs to", field="repository")
    after = instant_cursor(cursor)
    hasher = await organization_keys.hasher(caller.organization_id)
    async with database.organization(caller.organization_id) as tenant:
        repository_id = await named_repository(tenant, hasher, forge, repository)
        if repository and repository_id is None:
            return ReleaseList(items=[], next_cursor=None)
        wanted = WantedReleases(
            artifact_id=hasher.release(repository_id, tag) if repository_id and tag is not None else None,
            repository_id=repository_id,
            team_id=await visible_team(tenant, caller, None),
        )
        rows = await read_releases(tenant, wanted, after=after, limit=limit + 1)
        page, next_cursor = cut(rows, limit, lambda row: (row["released_at"], row["artifact_id"]))
        shown = [row["artifact_id"] for row in page]
        parts = await read_parts(tenant, shown, cost_kind)
        sizes = await read_sizes(tenant)
        calibrations = await read_calibrations(tenant)
        only = await pinned_team(tenant, caller)
    items = [
        ReleaseShown(
            **release_fields(row, parts[row["artifact_id"]], sizes, calibrations, thresholds_of(settings), only)
        )
        for row in page
    ]
    return ReleaseList(items=items, next_cursor=next_cursor)


@get("/api/v1/releases/{artifact_id:str}", guards=[requires("read")], summary="What a release costs", tags=["figures"])
async def show_release(
    artifact_id: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    cost_kind: FromQuery[CostKind] = "list",
) -> ReleaseDetail:
    """One release with the artifact ids of its pull requests."""
    release_id = artifact_bytes(artifact_id)
    async with database.organization(caller.organization_id) as tenant:
        wanted = WantedReleases(release_id, team_id=await visible_team(tenant, caller, None))
        rows = await read_releases(tenant, wanted, limit=1)
        if not rows:
            raise NotFoundError("no release has this id; list them with GET /api/v1/releases", field="artifact_id")
        parts = await read_parts(tenant, [release_id], cost_kind)
        shipped, reverted = await read_shipped(tenant, release_id)
        sizes = await read_sizes(tenant)
        calibrations = await read_calibrations(tenant)
        only = await pinned_team(tenant, caller)
    return ReleaseDetail(
        **release_fields(rows[0], parts[release_id], sizes, calibrations, thresholds_of(settings), only),
        pull_request_ids=[artifact_text(each) for each in shipped],
        reverted_pull_request_ids=[artifact_text(each) for each in reverted],
    )


ROUTES = [list_releases, show_release]
