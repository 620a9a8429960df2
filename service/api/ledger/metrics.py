"""GET /api/v1/metrics/tokens-per-pr: the cost of merged pull requests by period and up to two dimensions."""

from collections.abc import Collection, Mapping, Sequence
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
from service.api.periods import From, To
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
from service.queries.ledger.calibrations import TeamCalibrations, read_calibrations_by_name
from service.queries.ledger.compared_costs import Pair, by_present_period
from service.queries.ledger.merged_costs import Cell, Dimension, MergedCosts, read_merged_costs
from service.queries.ledger.merged_groups import read_merged
from service.queries.ledger.merged_weeks import TeamWeeks
from service.queries.spend.buckets import Bucket as Part
from service.queries.spend.buckets import SpendBucket, bucket_start, buckets_of
from service.queries.spend.runs import Span
from service.queries.spend.withheld import why_withheld
from service.queries.teams.comparisons import Thresholds, withheld_teams
from service.queries.teams.teams import read_active_teams, read_sizes
from vocabulary.spend_cuts import DIMENSIONS

DEFAULT_ROWS = 1_000
MAXIMUM_ROWS = 5_000
SUNDAY = 6
# Of more teams, only the buckets of a page are read, besides what each merged in the whole period.
MANY_TEAMS = 60
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
    sizes = calibrations = active = None
    if Dimension.TEAM in asked.dimensions:
        sizes = await read_sizes(tenant)
        active = await read_active_teams(tenant)
        calibrations = await read_calibrations_by_name(tenant)
        if most is not None and asked.team_id is None and asked.whole.before is None and len(sizes) > MANY_TEAMS:
            teams = await read_withheld(tenant, asked, thresholds, sizes, active)
            return await read_some(tenant, asked, sizes, calibrations, teams, after, most)
    costs = await read_span_costs(tenant, asked, asked.whole.span)
    before = None
    if asked.whole.before:
        earlier = await read_span_costs(tenant, asked, asked.whole.before)
        before = by_present_period(earlier, pairs_of(asked))
    reason = None if asked.team_id is None else await why_withheld(tenant, asked.team_id, thresholds)
    return build_rows(costs, asked.dimensions, sizes, calibrations, thresholds, active, before, reason, after, most)


async def read_withheld(
    tenant: Tenant, asked: Asked, thresholds: Thresholds, sizes: Mapping[str, int | None], active: Collection[str]
) -> dict[str, str]:
    """Return the teams that are withheld for what they merged in the whole period, with reasons."""
    rows = await read_merged(tenant, [asked.whole.span], (Dimension.TEAM,), None, asked.cost_kind)
    merged = {row["first"]: row["pull_requests"] for row in rows if row["pull_requests"]}
    return withheld_teams(merged, sizes, thresholds, active)


async def read_some(
    tenant: Tenant,
    asked: Asked,
    sizes: Mapping[str, int | None],
    calibrations: Mapping[str, TeamCalibrations],
    teams: Mapping[str, str],
    after: Cell | None,
    most: int,
) -> dict[Cell, TokensPerPullRequest]:
    """Return some rows after a cell: of many teams, a page holds few of the buckets."""
    spans = [each.span for each in buckets_of(asked.whole.span, asked.bucket, None)]
    if after is not None:
        spans = [span for span in spans if bucket_start(span.first, asked.bucket) >= after.period]
    together = 1 + most // len(sizes)
    found: dict[Cell, TokensPerPullRequest] = {}
    for start in range(0, len(spans), together):
        part = spans[start : start + together]
        costs = await read_span_costs(tenant, asked, Span(part[0].first, part[-1].last))
        found |= build_rows(
            costs, asked.dimensions, sizes, calibrations, after=after, most=most - len(found), teams=teams
        )
        if len(found) >= most:
            break
    return found


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
    return [
        Pair(bucket_start(part.before.first, asked.bucket), bucket_start(part.span.first, asked.bucket))
        for part in asked.buckets
        if part.before
    ]


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
