"""GET /api/v1/attributions: the cost of each pull request, including those that cost nothing."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError
from schema.identifiers import Hasher, RepositoryName, artifact_bytes, artifact_text
from schema.kinds import PullRequestState
from service.api.amounts import add_up, shares_of, tokens_shown
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, decode_cursor, instant_cursor
from service.api.ledger.intervals import doubts_about, evidence_tokens, interval_of
from service.api.ledger.outcomes import show_outcomes
from service.api.ledger.repository_parameters import (
    ForgeOfRepository,
    Repository,
    explain_unknown,
    find_named,
    read_repository_name,
)
from service.api.parameters import CostKindName, TeamName
from service.api.periods import read_instants
from service.auth.caller import Caller
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.attribution import AttributionList, AttributionShown
from service.contracts.reconciliation import CostKind
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.http.reads import Reads
from service.http.recent_calibrations import NONE
from service.queries.ledger.attributions import Key, Wanted, read_dearest, read_pull_requests, read_tokens_of
from service.queries.ledger.calibrations import TeamCalibrations
from vocabulary.tokens import usd_text


class AttributionSort(StrEnum):
    """`opened`: most recently opened first. `cost`: dearest first."""

    OPENED = "opened"
    COST = "cost"


NOTHING = AttributionList(items=[], next_cursor=None, explanation="No pull request that this key may read has this id.")


@frequent_get(
    "/api/v1/attributions", guards=[requires("read")], summary="List the cost of pull requests", tags=["figures"]
)
async def list_attributions(
    request: ApiRequest,
    artifact_id: Annotated[str | None, QueryParameter(description="Artifact id of a pull request")] = None,
    forge: ForgeOfRepository = None,
    repository: Repository = None,
    number: Annotated[int | None, QueryParameter(ge=1, description="Pull request number; needs `repository`")] = None,
    team: TeamName = None,
    merged_from: Annotated[
        str | None, QueryParameter(description="Merged at or after this UTC date or RFC 3339 time")
    ] = None,
    merged_to: Annotated[
        str | None, QueryParameter(description="Merged by this UTC date (inclusive), or before this RFC 3339 time")
    ] = None,
    state_: Annotated[
        PullRequestState | None, QueryParameter(name="state", description="State of the pull request (default: any)")
    ] = None,
    sort: FromQuery[AttributionSort] = AttributionSort.OPENED,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response[AttributionList]:
    """List the pull requests that match all parameters, most recently opened first, with everything attributed to them.

    With `sort=cost`, the dearest come first. The cost of an open pull request is what was spent on it so far.
    `cost_kind` selects list prices, effective prices from bills, or the billed cost in the ledger.
    """
    if number is not None and not repository:
        raise BadInputError("is missing; add the repository that the number belongs to", field="repository")
    name = read_repository_name(forge, repository)
    caller, reads = request.auth, request.app.state.reads
    hasher = await reads.organization_keys.hasher(caller.organization_id)
    requested = artifact_bytes(artifact_id) if artifact_id else None
    if not (team or merged_from or merged_to or state_ or cursor or cost_kind != "list"):
        if requested and not name:
            return Encoded(await show_one(reads, caller, Key(artifact_id=requested)))
        if number and name and not requested:
            key = Key(repository_name=hasher.repository_by_name(name), number=hasher.number(number))
            found = await show_one(reads, caller, key)
            return Encoded(found if found.items else await nothing(reads.database, caller, hasher, name, number))
    begins, ends = read_instants(merged_from, merged_to, "merged_from", "merged_to")
    async with reads.database.organization(caller.organization_id) as tenant:
        repository_id = await find_named(tenant, hasher, name)
        if name and repository_id is None:
            return Encoded(
                AttributionList(items=[], next_cursor=None, explanation=explain_unknown(name, None, is_known=False))
            )
        numbered = hasher.pull_request(repository_id, number) if repository_id and number else None
        if requested and numbered and requested != numbered:
            return Encoded(NOTHING)
        wanted = Wanted(
            artifact_id=requested or numbered,
            repository_id=repository_id,
            team_id=await visible_team(tenant, caller, team),
            merged_from=begins,
            merged_to=ends,
            state=state_,
        )
        page, next_cursor = await read_page(tenant, wanted, sort, cost_kind, cursor, limit)
        shown = [row["artifact_id"] for row in page]
        tokens = await read_tokens_of(tenant, shown, cost_kind)
    calibrations = await reads.calibrations.of(caller.organization_id)
    items = [show_attribution(row, tokens[row["artifact_id"]], calibrations.get(row["team_id"], NONE)) for row in page]
    explanation = None
    if name and not items:
        explanation = explain_unknown(name, f"pull request {number}" if number else None, is_known=True)
    return Encoded(AttributionList(items=items, next_cursor=next_cursor, explanation=explanation))


async def read_page(
    tenant: Tenant, wanted: Wanted, sort: AttributionSort, cost_kind: CostKind, cursor: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """Return the rows of a page and the next cursor; raises BadInputError for the cursor of another list."""
    if sort is AttributionSort.COST:
        dearest = decode_cursor(cursor, tuple[int, bytes]) if cursor else (None, None)
        rows = await read_dearest(tenant, wanted, cost_kind, after=dearest, limit=limit + 1)
        return cut(rows, limit, lambda row: (row["nano_usd"], row["artifact_id"]))
    rows = await read_pull_requests(tenant, wanted, after=instant_cursor(cursor), limit=limit + 1)
    return cut(rows, limit, lambda row: (row["opened_at"], row["artifact_id"]))


async def show_one(reads: Reads, caller: Caller, key: Key) -> AttributionList:
    """Return the pull request of a key, or an empty list if it is unknown or hidden from the caller."""
    rows = await reads.pull_requests.answer(caller.organization_id, key)
    if not rows or caller.team_id not in {None, rows[0]["team_id"]}:
        return NOTHING
    tokens = rows if rows[0]["method"] is not None else ()
    calibrations = (await reads.calibrations.of(caller.organization_id)).get(rows[0]["team_id"], NONE)
    return AttributionList(items=[show_attribution(rows[0], tokens, calibrations)], next_cursor=None)


async def nothing(
    database: Database, caller: Caller, hasher: Hasher, name: RepositoryName, number: int
) -> AttributionList:
    """Return an empty list that says whether the repository is known."""
    async with database.organization(caller.organization_id) as tenant:
        is_known = await find_named(tenant, hasher, name) is not None
    return AttributionList(
        items=[], next_cursor=None, explanation=explain_unknown(name, f"pull request {number}", is_known=is_known)
    )


def show_attribution(
    row: Mapping[str, Any], tokens: Sequence[Mapping[str, Any]], calibrations: TeamCalibrations
) -> AttributionShown:
    """Convert a pull request and its rows of attributed tokens to the API's contract."""
    spent = add_up(tokens)
    by_link = evidence_tokens(spent.by_evidence)
    doubts = doubts_about(by_link, 1, calibrations)
    return AttributionShown(
        artifact_id=artifact_text(row["artifact_id"]),
        label=row["label"],
        forge=row["forge"],
        state=row["state"],
        team=row["team"],
        merged_at=row["merged_at"],
        landed_by=row["landed_by"],
        bot=row["bot"],
        tokens=tokens_shown(spent.tokens),
        cost_usd=usd_text(spent.nano_usd),
        by_model=spent.by_model,
        evidence=shares_of(spent.by_evidence),
        interval=interval_of(by_link, 1, calibrations),
        reliable=not doubts,
        unreliable_because=doubts,
        method=max([row["method"] for row in tokens if row["method"]], default=None),
        outcomes=show_outcomes(row),
    )


ROUTES = [list_attributions]
