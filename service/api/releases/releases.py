"""GET /api/v1/releases: releases with their cost."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter
from msgspec import UNSET

from schema.database import Database, Tenant
from schema.errors import BadInputError, NotFoundError
from schema.identifiers import artifact_bytes, artifact_text
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor, instant_cursor
from service.api.grouping import Compare
from service.api.ledger.repository_parameters import (
    ForgeOfRepository,
    Repository,
    explain_unknown,
    find_named,
    read_repository_name,
)
from service.api.parameters import CostKindName
from service.api.periods import From, To, read_instants
from service.api.releases.release_figures import release_fields
from service.api.releases.release_sums import GroupBy, SumBucket, read_sums, read_sums_question
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import pinned_team, visible_team
from service.contracts.reconciliation import CostKind
from service.contracts.release import ReleaseDetail, ReleaseList, ReleaseShown, ShippedPullRequest
from service.queries.ledger.calibrations import read_calibrations
from service.queries.ledger.releases import WantedReleases, read_dearest, read_parts, read_releases, read_shipped
from service.queries.teams.comparisons import thresholds_of
from service.queries.teams.teams import read_sizes


class ReleaseSort(StrEnum):
    """`released`: newest first. `cost`: dearest first."""

    RELEASED = "released"
    COST = "cost"


@get("/api/v1/releases", guards=[requires("read")], summary="List the cost of releases", tags=["figures"])
async def list_releases(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
    settings: NamedDependency[Settings],
    forge: ForgeOfRepository = None,
    repository: Repository = None,
    tag: Annotated[str | None, QueryParameter(description="Tag of the release; needs `repository`")] = None,
    from_: From = None,
    to: To = None,
    bucket: SumBucket = None,
    group_by: GroupBy = None,
    compare: Compare = None,
    sort: FromQuery[ReleaseSort] = ReleaseSort.RELEASED,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ReleaseList:
    """List releases with the total cost of the pull requests that each was the first to ship, newest first.

    `sort=cost` lists the dearest first. `from` and `to` select by the time of the release. With `bucket`, `group_by`
    or `compare`, `sums` adds up all releases of the period (default: the last 12 weeks), which `items` then lists.

    The tag names the family of a release: `pkg@1.2.3` and `pkg/v1.2.3` belong to `pkg`, `v1.2.3` to the repository. In
    a family, each pull request is shipped once: what a prerelease ships, its full release does not ship again. Drafts
    and deleted releases ship nothing; their pull requests belong to the next release. The pull requests of a release
    come from an import, otherwise from its commits (needs access to the forge's API), otherwise from what was merged
    into its branch by then. `cost_kind` selects list prices, effective prices from bills, or the billed cost in the
    ledger.
    """
    if tag is not None and not repository:
        raise BadInputError("is missing; add the repository that the tag belongs to", field="repository")
    asked = read_sums_question(from_, to, bucket, group_by, compare, datetime.now(UTC).date())
    if asked and tag is not None:
        raise BadInputError("names one release, which has no sums; leave out bucket, group_by and compare", field="tag")
    begins, ends = read_instants(from_, to) if asked is None else asked.instants
    name = read_repository_name(forge, repository)
    hasher, thresholds = await organization_keys.hasher(caller.organization_id), thresholds_of(settings)
    async with database.organization(caller.organization_id) as tenant:
        repository_id = await find_named(tenant, hasher, name)
        if name and repository_id is None:
            return ReleaseList(items=[], next_cursor=None, explanation=explain_unknown(name, None, is_known=False))
        wanted = WantedReleases(
            artifact_id=hasher.release(repository_id, tag) if repository_id and tag is not None else None,
            repository_id=repository_id,
            team_id=await visible_team(tenant, caller, None),
            begins=begins,
            ends=ends,
        )
        page, next_cursor = await read_page(tenant, wanted, sort, cost_kind, cursor, limit)
        shown = [row["artifact_id"] for row in page]
        parts = await read_parts(tenant, shown, cost_kind)
        sizes = await read_sizes(tenant)
        calibrations = await read_calibrations(tenant)
        only = await pinned_team(tenant, caller)
        sums = UNSET if asked is None or cursor else await read_sums(tenant, asked, wanted, cost_kind, thresholds)
    items = [
        ReleaseShown(**release_fields(row, parts[row["artifact_id"]], sizes, calibrations, thresholds, only))
        for row in page
    ]
    explanation = None
    if name and not items:
        explanation = explain_unknown(name, "release" if tag is None else f"release {tag}", is_known=True)
    return ReleaseList(items=items, next_cursor=next_cursor, explanation=explanation, sums=sums)


async def read_page(
    tenant: Tenant, wanted: WantedReleases, sort: ReleaseSort, cost_kind: CostKind, cursor: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """Return the rows of a page and the next cursor; raises BadInputError for the cursor of another list."""
    if sort is ReleaseSort.COST:
        after = decode_cursor(cursor, tuple[int, bytes]) if cursor else (None, None)
        rows = await read_dearest(tenant, wanted, cost_kind, after=after, limit=limit + 1)
        return cut(rows, limit, lambda row: (row["nano_usd"], row["artifact_id"]))
    rows = await read_releases(tenant, wanted, after=instant_cursor(cursor), limit=limit + 1)
    return cut(rows, limit, lambda row: (row["released_at"], row["artifact_id"]))


@get(
    "/api/v1/releases/{artifact_id:str}",
    guards=[requires("read")],
    summary="Get the cost of a release",
    tags=["figures"],
)
async def show_release(
    artifact_id: Annotated[str, PathParameter(description="Artifact id of a release")],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    cost_kind: CostKindName = "list",
) -> ReleaseDetail:
    """Get a release with its pull requests, by name if labels are turned on."""
    release_id = artifact_bytes(artifact_id)
    async with database.organization(caller.organization_id) as tenant:
        wanted = WantedReleases(release_id, team_id=await visible_team(tenant, caller, None))
        rows = await read_releases(tenant, wanted, limit=1)
        if not rows:
            raise NotFoundError("no release has this id; list them with GET /api/v1/releases", field="artifact_id")
        parts = await read_parts(tenant, [release_id], cost_kind)
        shipped = await read_shipped(tenant, release_id)
        sizes = await read_sizes(tenant)
        calibrations = await read_calibrations(tenant)
        only = await pinned_team(tenant, caller)
    return ReleaseDetail(
        **release_fields(rows[0], parts[release_id], sizes, calibrations, thresholds_of(settings), only),
        pull_request_ids=_ids(shipped, reverted=False),
        reverted_pull_request_ids=_ids(shipped, reverted=True),
        shipped=[
            ShippedPullRequest(
                artifact_id=artifact_text(row["pull_request_id"]), label=row["label"], reverted=row["is_reverted"]
            )
            for row in shipped
        ],
    )


def _ids(shipped: Sequence[Mapping[str, Any]], *, reverted: bool) -> list[str]:
    return sorted(artifact_text(row["pull_request_id"]) for row in shipped if row["is_reverted"] is reverted)


ROUTES = [list_releases, show_release]
