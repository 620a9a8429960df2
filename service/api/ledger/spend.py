"""GET /api/v1/spend: tokens and money of a period, by bucket and up to two dimensions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeAlias

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Tenant
from schema.errors import BadInputError
from service.api.cursors import Cursor, cut, read_cursor
from service.api.grouping import Compare, read_buckets, read_dimensions, read_span
from service.api.ledger.spend_rows import build_rows, total_of
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.spend.groups import DaySpan
from service.contracts.spend.spent import SpendList
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.http.transactions import open_reading
from service.queries.spend.buckets import Bucket as Part
from service.queries.spend.buckets import Comparison, SpendBucket
from service.queries.spend.reading import Cell, Position, Question, is_settled, read_cells, read_dearest, read_total
from service.queries.spend.runs import Span
from service.queries.spend.withheld import Withheld, read_compared, why_withheld, withhold
from service.queries.teams.comparisons import Thresholds
from vocabulary.spend_cuts import DIMENSIONS

DEFAULT_ROWS = 200
MAXIMUM_ROWS = 1_000

GroupBy: TypeAlias = Annotated[
    str | None,
    QueryParameter(description=f"Up to two of {', '.join(DIMENSIONS)}, separated by a comma (default: none)"),
]


class SpendSort(StrEnum):
    """`period`: oldest first, then by name. `cost`: dearest first."""

    PERIOD = "period"
    COST = "cost"


@frequent_get("/api/v1/spend", guards=[requires("read")], summary="Show what was spent", tags=["figures"])
async def show_spend(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: GroupBy = None,
    compare: Compare = None,
    sort: FromQuery[SpendSort] = SpendSort.PERIOD,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> Response[SpendList]:
    """Show tokens, dollars, requests and their duration by period (UTC days) and up to two dimensions.

    Every grouping sums to the same total. Tokens count on the day they were spent, whatever became of them later; the
    dimension `fate` says what did. The default period is the last 12 weeks. `compare=previous` shows each period beside
    the one before, of as many days or whole months; `compare=year` beside the same period a year before (52 weeks
    before, for buckets of days and weeks).

    A comparison withholds teams as `GET /api/v1/metrics/tokens-per-pr` does, and never a single team in a cell: then
    the next smallest joins it. Tokens that are not settled yet are missing; `settled` says so.
    """
    reads = request.app.state.reads
    asked = read_question(from_, to, bucket, group_by, compare, sort)
    after = read_cursor(cursor, Position)
    async with open_reading(reads.database) as reading:
        tenant = await reading.organization(request.auth.organization_id)
        team_id = await visible_team(tenant, request.auth, team)
        question = Question(asked.buckets, asked.dimensions, cost_kind, team_id)
        return Encoded(await answer(tenant, question, asked, reads.thresholds, after, limit))


class Asked(NamedTuple):
    """The whole period, its buckets, the dimensions and the order of rows."""

    whole: Part
    buckets: list[Part]
    dimensions: tuple[str, ...]
    sort: SpendSort


def read_question(
    from_: str | None,
    to: str | None,
    bucket: SpendBucket,
    group_by: str | None,
    compare: Comparison | None,
    sort: SpendSort,
) -> Asked:
    """Read the parameters that do not need the database; raises BadInputError."""
    span = read_span(from_, to, bucket, datetime.now(UTC).date())
    return Asked(*read_buckets(span, bucket, compare), read_dimensions(group_by), sort)


async def answer(
    tenant: Tenant, question: Question, asked: Asked, thresholds: Thresholds, after: Position | None, limit: int
) -> SpendList:
    """Return a page of rows and the total; raises BadInputError."""
    whole, is_compared = asked.whole, asked.whole.before is not None
    read = read_cells
    if asked.sort is SpendSort.COST:
        refuse_cost_order(question)
        read = read_dearest
    cells, next_cursor = cut(await read(tenant, question, after, limit + 1), limit, lambda each: each.position)
    reason = None if question.team_id is None else await why_withheld(tenant, question.team_id, thresholds)
    withheld = await withheld_cells(tenant, question, whole.span, thresholds, cells)
    if reason is not None:
        withheld = {(cell.bucket, cell.groups): reason for cell in cells}
    total = await read_total(tenant, question, whole)
    return SpendList(
        first_day=whole.span.first,
        last_day=whole.span.last,
        compared_with=DaySpan(first_day=whole.before.first, last_day=whole.before.last) if whole.before else None,
        cost_kind=question.cost_kind,
        settled=await is_settled(tenant, question.team_id, whole.span),
        total=None if reason else total_of(*total, is_compared=is_compared),
        items=build_rows(cells, asked.dimensions, asked.buckets, withheld, is_compared=is_compared),
        next_cursor=next_cursor,
    )


def refuse_cost_order(question: Question) -> None:
    """Raise BadInputError for a question whose cells are not read at once."""
    if len(question.buckets) > 1:
        raise BadInputError("must be period unless bucket is total", field="sort")
    if question.team_id is not None:
        raise BadInputError("must be period with a team", field="sort")
    if question.owner is not None:
        raise BadInputError("must be period for a team or repository with another dimension", field="sort")


async def withheld_cells(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, cells: Sequence[Cell]
) -> Withheld:
    """Return the withheld cells of a comparison between teams, with reasons."""
    if question.team_id is not None or "team" not in question.dimensions:
        return {}
    return await withhold(tenant, question, await read_compared(tenant, question, span, thresholds), cells)


ROUTES = [show_spend]
