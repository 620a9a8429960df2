"""GET /api/v1/metrics/tokens-per-pr: the cost of merged pull requests by period and up to two dimensions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple

from litestar import Response
from litestar.params import FromQuery, QueryParameter
from msgspec import UNSET

from schema.database import Tenant
from service.api.cursors import Cursor, cut, decode_cursor
from service.api.grouping import Compare, read_buckets, read_dimensions, read_span
from service.api.ledger.merged_cost_rows import build_rows
from service.api.ledger.week_rows import show_weeks
from service.api.parameters import CostKindName, TeamName
from service.api.periods import Bucket, From, To, bucket_start
from service.auth.caller import Caller
from service.auth.guards import ApiRequest, requires
from service.auth.visible_team import visible_team
from service.contracts.metrics import TokensPerPullRequest, TokensPerPullRequestList
from service.contracts.reconciliation import CostKind
from service.contracts.spend.groups import DaySpan
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.http.reads import Reads
from service.http.recent_calibrations import NONE
from service.queries.ledger.calibrations import read_calibrations_by_name
from service.queries.ledger.compared_costs import Pair, by_present_period
from service.queries.ledger.merged_costs import Cell, Dimension, MergedCosts, read_merged_costs
from service.queries.ledger.merged_weeks import TeamWeeks
from service.queries.spend.buckets import Bucket as Part
from service.queries.spend.buckets import SpendBucket
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import read_active_teams, read_sizes
from vocabulary.spend_cuts import DIMENSIONS

DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000
SUNDAY = 6
ALLOWED = tuple(name for name in DIMENSIONS if name in set(Dimension))


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
    bucket: FromQuery[SpendBucket] = SpendBucket.WEEK,
    group_by: Annotated[
        str, QueryParameter(description=f"Up to two of {', '.join(ALLOWED)}, separated by a comma")
    ] = "team",
    compare: Compare = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> Response[TokensPerPullRequestList]:
    """Show tokens and dollars per merged pull request, by period (UTC) and up to two dimensions.

    Grouped by team, repository or feature, each row counts the pull requests of its group. Models, workflows and kinds
    of evidence share the pull requests of their period, so that the rows add up. A pull request belongs to at most one
    feature: the first by name that has one of its labels. The default period is 30 days (bucket `day`), 12 weeks
    (`week`, `total`), one year (`month`) or two years (`quarter`). `compare` shows each period beside an earlier one as
    `GET /api/v1/spend` does.

    A comparison withholds teams known to have fewer than 5 people, and teams that merged fewer than 20 pull requests in
    the whole period; the operator can raise both limits. `cost_kind` selects list prices, effective prices from bills,
    or the billed cost in the ledger.
    """
    caller, reads = request.auth, request.app.state.reads
    today = datetime.now(UTC).date()
    span = read_span(from_, to, bucket, today)
    is_weekly = group_by == Dimension.TEAM and bucket is SpendBucket.WEEK and are_weeks(*span, today)
    # PostgreSQL refuses NUL, and no team name contains one.
    if team and "\0" not in team and is_weekly and not (cursor or compare) and cost_kind == "list":
        weeks = await show_summed(reads, caller, TeamWeeks(team, *span))
        if weeks is not None and len(weeks) <= limit:
            return Encoded(TokensPerPullRequestList(items=weeks, next_cursor=None))
    dimensions = tuple(Dimension(name) for name in read_dimensions(group_by, ALLOWED))
    whole, buckets = read_buckets(span, bucket, compare) if compare else (Part(span), [])
    after = Cell(*decode_cursor(cursor, Cell)) if cursor else None
    async with reads.database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        asked = Asked(team_id, whole, buckets, bucket, dimensions, cost_kind)
        rows = await read_rows(tenant, asked, reads.thresholds, after, limit + 1)
    page, next_cursor = cut(list(rows), limit, lambda cell: cell)
    earlier = DaySpan(first_day=whole.before.first, last_day=whole.before.last) if whole.before else UNSET
    items = [rows[cell] for cell in page]
    shown = TokensPerPullRequestList(items=items, next_cursor=next_cursor, compared_with=earlier)
    return Encoded(shown)


class Asked(NamedTuple):
    """The question; `buckets` are paired with earlier ones, and empty without a comparison."""

    team_id: int | None
    whole: Part
    buckets: Sequence[Part]
    bucket: SpendBucket
    dimensions: tuple[Dimension, ...]
    cost_kind: CostKind


async def read_rows(
    tenant: Tenant, asked: Asked, thresholds: Thresholds, after: Cell | None = None, most: int | None = None
) -> dict[Cell, TokensPerPullRequest]:
    """Return rows in order: all, or some after a cell."""
    costs = await read_span_costs(tenant, asked, asked.whole.span)
    before = None
    if asked.whole.before:
        earlier = await read_span_costs(tenant, asked, asked.whole.before)
        before = by_present_period(earlier, pairs_of(asked))
    sizes = calibrations = active = None
    if Dimension.TEAM in asked.dimensions:
        sizes = await read_sizes(tenant)
        active = await read_active_teams(tenant)
        calibrations = await read_calibrations_by_name(tenant)
    reason = None if asked.team_id is None else await why_withheld(tenant, asked.team_id, thresholds)
    return build_rows(costs, asked.dimensions, sizes, calibrations, thresholds, active, before, reason, after, most)


async def read_span_costs(tenant: Tenant, asked: Asked, span: Span) -> MergedCosts:
    """Return the figures of a period."""
    return await read_merged_costs(
        tenant,
        team_id=asked.team_id,
        first_day=span.first,
        last_day=span.last,
        bucket=asked.bucket,
        dimensions=asked.dimensions,
        cost_kind=asked.cost_kind,
    )


def pairs_of(asked: Asked) -> list[Pair]:
    """Return the first days of the buckets and of those that they are compared with, as rows name them."""

    def start(day: date) -> date:
        return day if asked.bucket is SpendBucket.TOTAL else bucket_start(day, Bucket(asked.bucket))

    return [Pair(start(part.before.first), start(part.span.first)) for part in asked.buckets if part.before]


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
