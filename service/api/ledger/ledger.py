"""GET /api/v1/ledger: where every token of a period went, by period and team."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, NamedTuple, TypeAlias

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from schema.database import Database, Tenant
from schema.errors import BadInputError
from schema.settings import Settings
from service.api.billing.reconciliation_rows import overhead_shown
from service.api.cursors import Cursor, cut, read_cursor
from service.api.grouping import Compare, read_buckets, read_dimensions
from service.api.ledger.ledger_rows import compared, ledger_rows, nothing_shown, parts_shown, withheld
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, Period, To, read_period
from service.auth.caller import Caller
from service.auth.guards import requires
from service.auth.visible_team import visible_team
from service.contracts.ledger import LedgerItem, LedgerShown
from service.contracts.reconciliation import CostKind
from service.contracts.spend.groups import DaySpan
from service.queries.ledger.overhead import read_overhead
from service.queries.ledger.totals import Ledger, Place, read_ledgers
from service.queries.spend.buckets import Bucket, Comparison, SpendBucket
from service.queries.spend.runs import Span
from service.queries.spend.withheld import read_withheld_teams, why_withheld
from service.queries.teams.comparisons import Thresholds, thresholds_of

# The ledgers of some buckets, and of the earlier ones.
Ledgers: TypeAlias = tuple[Mapping[Place, Ledger], Mapping[Place, Ledger] | None]

DEFAULT_ROWS = 200
MAXIMUM_ROWS = 1_000
TEAM = "team"


@get("/api/v1/ledger", guards=[requires("read")], summary="Show where every token went", tags=["figures"])
async def show_ledger(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: Annotated[str | None, QueryParameter(description="team (default: none)")] = None,
    compare: Compare = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_ROWS, description="Items per page")] = DEFAULT_ROWS,
) -> LedgerShown:
    """Show the tokens and dollars received in a period, by where they are now. The default period is all time.

    Whole UTC days are counted. `cost_kind` selects list prices; effective prices from bills (list prices on days
    without a bill); or the billed cost of the tokens that telemetry saw. `items` split the ledger by shorter periods
    and by team, which is all that is known of tokens on arrival; `GET /api/v1/spend` splits settled tokens by more. A
    comparison, and the ledger of one team beside others, withhold small teams as `GET /api/v1/spend` does. `bucket` and
    `compare` need `from`.
    """
    asked = read_question(read_period(from_, to), bucket, group_by, compare, cost_kind)
    after = read_cursor(cursor, Place)
    async with database.organization(caller.organization_id) as tenant:
        team_id = await visible_team(tenant, caller, team)
        thresholds = thresholds_of(settings)
        reason = None if team_id is None else await why_withheld(tenant, team_id, thresholds)
        found = await read_answer(tenant, asked, team_id, thresholds, after, limit + 1)
        overhead = await read_overhead(tenant)
    now, before = found.whole
    page, next_cursor = cut(list(found.rows), limit, lambda place: place)
    earlier = asked.whole.before
    return LedgerShown(
        first_day=asked.period.first,
        last_day=asked.period.last,
        team=team,
        cost_kind=cost_kind,
        overhead_multiplier=overhead_shown(overhead, now.received.nano_usd) if overhead and not reason else None,
        compared_with=DaySpan(first_day=earlier.first, last_day=earlier.last) if earlier else None,
        withheld_reason=reason,
        items=[withheld(found.rows[place], reason) if reason else found.rows[place] for place in page],
        next_cursor=next_cursor,
        **(nothing_shown() if reason else {**parts_shown(now), **compared(now, before)}),
    )


class Asked(NamedTuple):
    """The requested days, the whole period and its buckets with earlier ones, and whether teams are compared."""

    period: Period
    whole: Bucket
    buckets: Sequence[Bucket]
    by_team: bool
    cost_kind: CostKind


class Found(NamedTuple):
    """The ledger of the whole period and of the earlier one, and the rows of a page."""

    whole: tuple[Ledger, Ledger | None]
    rows: Mapping[Place, LedgerItem]


def read_question(
    period: Period, bucket: SpendBucket, group_by: str | None, compare: Comparison | None, cost_kind: CostKind
) -> Asked:
    """Return what is asked; raises BadInputError."""
    by_team = read_dimensions(group_by, (TEAM,), 1) == (TEAM,)
    if bucket is SpendBucket.TOTAL and compare is None:
        whole = Bucket(Span(period.first or date.min, period.last or date.max))
        return Asked(period, whole, [whole], by_team, cost_kind)
    if period.first is None:
        raise BadInputError("is missing; all time has no shorter and no earlier periods", field="from")
    last = period.last or max(period.first, datetime.now(UTC).date())
    whole, buckets = read_buckets(Span(period.first, last), bucket, compare)
    return Asked(Period(period.first, last), whole, buckets, by_team, cost_kind)


async def read_answer(
    tenant: Tenant,
    asked: Asked,
    team_id: int | None,
    thresholds: Thresholds,
    after: Place | None = None,
    most: int = MAXIMUM_ROWS,
) -> Found:
    """Read the ledger of the whole period, and at most so many rows after a place, with the earlier ones."""
    teams: dict[str, str] = {}
    if asked.by_team and team_id is None:
        teams = await read_withheld_teams(tenant, asked.whole, thresholds)
    whole = await _read(tenant, asked._replace(by_team=False), [asked.whole], team_id)
    rows: dict[Place, LedgerItem] = {}
    # Which teams are withheld depends on all teams of a bucket, so buckets are read whole: first one, then ever more.
    begins, number = after[0] if after else 1, 1 if asked.by_team else len(asked.buckets)
    while begins <= len(asked.buckets) and len(rows) < most:
        buckets = asked.buckets[begins - 1 : begins - 1 + number]
        is_whole = not asked.by_team and len(asked.buckets) == 1
        now, before = whole if is_whole else await _read(tenant, asked, buckets, team_id)
        found = ledger_rows(
            now,
            before,
            buckets,
            teams,
            by_team=asked.by_team,
            has_start=asked.period.first is not None,
            after=(after[0] - begins + 1, after[1]) if after else None,
            most=most - len(rows),
        )
        rows |= {(place + begins - 1, team): row for (place, team), row in found.items()}
        begins, number = begins + number, number * 2
    now, before = whole
    return Found((_only(now), None if before is None else _only(before)), rows)


async def _read(tenant: Tenant, asked: Asked, buckets: Sequence[Bucket], team_id: int | None) -> Ledgers:
    """Return the ledgers of some buckets and of the earlier ones, by team if teams are compared."""

    async def read(spans: Sequence[Span]) -> Mapping[Place, Ledger]:
        if not spans:
            return {}
        return await read_ledgers(tenant, spans, team_id=team_id, by_team=asked.by_team, cost_kind=asked.cost_kind)

    now = await read([bucket.span for bucket in buckets])
    return now, await read([each.before for each in buckets if each.before]) if asked.whole.before else None


def _only(ledgers: Mapping[Place, Ledger]) -> Ledger:
    return ledgers.get((1, ""), Ledger())


ROUTES = [show_ledger]
