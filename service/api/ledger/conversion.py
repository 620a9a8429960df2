"""GET /api/v1/metrics/conversion: how much of what was spent shipped, and how much of that was reverted."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Tenant
from service.api.cursors import Cursor, Limit, encode_cursor, read_cursor
from service.api.ledger.conversion_rows import conversion_row, convert
from service.api.ledger.spend_question import open_question, read_asked_period
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.auth.guards import ApiRequest, requires
from service.contracts.spend.conversion import ConversionList
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.spend.buckets import SpendBucket
from service.queries.spend.reading import STAGE, Cell, Position, Question, read_cells
from service.queries.spend.runs import Span
from service.queries.spend.withheld import Place, read_compared, why_withheld, withhold
from service.queries.teams.comparisons import Thresholds

DEFAULT_ROWS = 50
# The ways in which work can end: overhead, in flight, abandoned, and merged with or without release and revert.
MOST_STAGES = 7


class ConvertedDimension(StrEnum):
    """What to split by."""

    TEAM = "team"
    REPOSITORY = "repository"
    MODEL = "model"
    PROVIDER = "provider"
    WORKFLOW = "workflow"
    FEATURE = "feature"


@frequent_get(
    "/api/v1/metrics/conversion", guards=[requires("read")], summary="Show how much of spend shipped", tags=["figures"]
)
async def show_conversion(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: Annotated[
        ConvertedDimension | None, QueryParameter(description="Dimension to split by (default: none)")
    ] = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_ROWS,
) -> Response[ConversionList]:
    """Show what of the tokens spent in a period was merged, released and reverted since.

    Ratios divide sums by sums: merged by all spend, released and reverted by merged. Recent work is still in flight, so
    the shares of recent periods grow. A comparison withholds teams as `GET /api/v1/spend` does.
    """
    period = read_asked_period(from_, to, bucket)
    after = read_cursor(cursor, Position)
    async with open_question(request, period, team, group_by, cost_kind) as (tenant, asked, thresholds):
        question = replace(asked, dimensions=(*asked.dimensions, STAGE))
        # One more group than shown, whole.
        cells = await read_cells(tenant, question, after, (limit + 1) * MOST_STAGES)
        found = convert(cells)
        reasons = await reasons_of(tenant, question, period.span, thresholds, cells)
    page = found[:limit]
    ends = [cell.position for cell in cells if (cell.bucket, cell.groups[:-1]) == page[-1][:2]] if page else []
    return Encoded(
        ConversionList(
            first_day=period.span.first,
            last_day=period.span.last,
            cost_kind=cost_kind,
            items=[conversion_row(each, asked.dimensions, period.buckets, reasons.get(each[:2])) for each in page],
            next_cursor=encode_cursor(*ends[-1]) if len(found) > limit else None,
        )
    )


async def reasons_of(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, cells: Sequence[Cell]
) -> dict[Place, str]:
    """Return why groups are withheld, by bucket and groups: all of a group if one of its stages is."""
    if question.team_id is not None:
        reason = await why_withheld(tenant, question.team_id, thresholds)
        return {(cell.bucket, cell.groups[:-1]): reason for cell in cells} if reason else {}
    if "team" not in question.dimensions:
        return {}
    compared = await read_compared(tenant, question, span, thresholds)
    withheld = await withhold(tenant, question, compared, cells)
    return {(bucket, groups[:-1]): reason for (bucket, groups), reason in withheld.items()}


ROUTES = [show_conversion]
