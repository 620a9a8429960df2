"""GET /api/v1/metrics/tokens-per-pr: what a merged pull request costs, by period and one dimension."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from schema.contracts.metrics import TokensPerPullRequestList
from schema.database import Database
from service.api.cursors import Cursor, cut, decode_cursor
from service.api.merged_cost_rows import build_rows
from service.api.periods import Bucket, From, To, read_bucketed_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.queries.merged_costs import Cell, Dimension, read_merged_costs
from service.queries.teams import read_sizes

DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000


@get(
    "/api/v1/metrics/tokens-per-pr",
    guards=[requires("read")],
    summary="Tokens and dollars per merged pull request",
    tags=["figures"],
)
async def show_tokens_per_pull_request(
    caller: Caller,
    database: Database,
    team: str | None = None,
    from_: From = None,
    to: To = None,
    bucket: Bucket = Bucket.WEEK,
    group_by: Dimension = Dimension.TEAM,
    cursor: Cursor = None,
    limit: Annotated[int, Parameter(ge=1, le=MAXIMUM_ROWS, description="items a page")] = DEFAULT_ROWS,
) -> TokensPerPullRequestList:
    """Sums over sums by period: day, week from Monday, month or quarter, in UTC.

    By team or repository each row counts that group's pull requests; by model, workflow or evidence all rows of a
    period share its pull requests, so that they add up to the whole. Without a period, the last 12 weeks (for other
    buckets 30 days, a year, two years) are shown. Teams known to be smaller than 5 people are not compared.
    """
    first, last = read_bucketed_period(from_, to, bucket, datetime.now(UTC).date())
    after = Cell(*decode_cursor(cursor, Cell)) if cursor else None
    async with database.organization(caller.organization_id) as connection:
        costs = await read_merged_costs(
            connection,
            caller.organization_id,
            team_id=await visible_team(connection, caller, team),
            first_day=first,
            last_day=last,
            bucket=bucket,
            dimension=group_by,
        )
        sizes = await read_sizes(connection, caller.organization_id) if group_by is Dimension.TEAM else None
    rows = build_rows(costs, group_by, sizes)
    left = [cell for cell in rows if after is None or cell > after]
    page, next_cursor = cut(left, limit, lambda cell: cell)
    return TokensPerPullRequestList(items=[rows[cell] for cell in page], next_cursor=next_cursor)


ROUTES = [show_tokens_per_pull_request]
