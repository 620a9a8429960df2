"""GET /api/v1/metrics/tokens-per-pr: the cost of merged pull requests by period and one dimension."""

from datetime import UTC, date, datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from service.api.cursors import Cursor, cut, decode_cursor
from service.api.ledger.merged_cost_rows import build_rows
from service.api.ledger.week_rows import show_weeks
from service.api.parameters import CostKindName, TeamName
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.caller import Caller
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.metrics import TokensPerPullRequest, TokensPerPullRequestList
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.http.reads import Reads
from service.http.recent_calibrations import NONE
from service.queries.ledger.calibrations import read_calibrations_by_name
from service.queries.ledger.merged_costs import Cell, Dimension, read_merged_costs
from service.queries.ledger.merged_weeks import TeamWeeks
from service.queries.teams.teams import read_active_teams, read_sizes

DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000
SUNDAY = 6


@frequent_get(
    "/api/v1/metrics/tokens-per-pr",
    guards=[requires("read")],
    summary="Show tokens and dollars per merged pull request",
    tags=["figures"],
)
async def show_tokens_per_pull_request(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[Bucket] = Bucket.WEEK,
    group_by: FromQuery[Dimension] = Dimension.TEAM,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> Response[TokensPerPullRequestList]:
    """Show tokens and dollars per merged pull request, by period (UTC) and group.

    Grouped by team, repository or feature, each row counts the pull requests of its group. Grouped by model, workflow
    or evidence, all rows of a period count the same pull requests, so that the rows add up. A pull request belongs to
    at most one feature: the first by name that has one of its labels. The default period is 30 days (bucket `day`), 12
    weeks (`week`), one year (`month`) or two years (`quarter`).

    A comparison withholds teams known to have fewer than 5 people, and teams that merged fewer than 20 pull requests in
    the whole period; the operator can raise both limits. `cost_kind` selects list prices, effective prices from bills,
    or the billed cost in the ledger.
    """
    caller, reads = request.auth, request.app.state.reads
    today = datetime.now(UTC).date()
    first, last = read_bucketed_period(from_, to, bucket, today)
    is_summed = group_by is Dimension.TEAM and bucket is Bucket.WEEK and are_weeks(first, last, today)
    # PostgreSQL refuses NUL, and no team name contains one.
    if team and "\0" not in team and is_summed and not cursor and cost_kind == "list":
        weeks = await show_summed(reads, caller, TeamWeeks(team, first, last))
        if weeks is not None and len(weeks) <= limit:
            return Encoded(TokensPerPullRequestList(items=weeks, next_cursor=None))
    after = Cell(*decode_cursor(cursor, Cell)) if cursor else None
    async with reads.database.organization(caller.organization_id) as tenant:
        costs = await read_merged_costs(
            tenant,
            team_id=await visible_team(tenant, caller, team),
            first_day=first,
            last_day=last,
            bucket=bucket,
            dimension=group_by,
            cost_kind=cost_kind,
        )
        sizes = calibrations = active = None
        if group_by is Dimension.TEAM:
            sizes = await read_sizes(tenant)
            active = await read_active_teams(tenant)
            calibrations = await read_calibrations_by_name(tenant)
    rows = build_rows(costs, group_by, sizes, calibrations, reads.thresholds, active)
    left = [cell for cell in rows if after is None or cell > after]
    page, next_cursor = cut(left, limit, lambda cell: cell)
    return Encoded(TokensPerPullRequestList(items=[rows[cell] for cell in page], next_cursor=next_cursor))


def are_weeks(first: date, last: date, today: date) -> bool:
    """Return whether a period consists of whole weeks; the present week counts as whole."""
    return first.weekday() == 0 and (last.weekday() == SUNDAY or last >= today)


async def show_summed(reads: Reads, caller: Caller, wanted: TeamWeeks) -> list[TokensPerPullRequest] | None:
    """Return weeks from the rollup; None if it is stale, or if the caller may not see the team."""
    rows = await reads.weeks.answer(caller.organization_id, wanted)
    if not rows or rows[0]["is_stale"] or caller.team_id not in {None, rows[0]["team_id"]}:
        return None
    calibrations = await reads.calibrations.of(caller.organization_id)
    return show_weeks(wanted.team, rows, calibrations.get(rows[0]["team_id"], NONE), reads.thresholds)


ROUTES = [show_tokens_per_pull_request]
