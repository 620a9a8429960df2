"""GET /api/v1/ownership: the total cost of ownership, with overhead apart from token cost, by bucket and group."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, TypeAlias

from litestar import Response
from litestar.params import FromQuery, QueryParameter
from msgspec import Meta

from schema.database import Tenant
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.ledger.lone_rows import Place
from service.api.ledger.spend_question import open_question, read_asked_period
from service.api.ownership.factors import read_book
from service.api.ownership.reading import Asked, read_rows, read_whole, read_withheld
from service.api.ownership.shown import ESTIMATES, factor_shown, figures_of
from service.api.ownership.sums import Rounding, Sums, rounded
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.auth.guards import ApiRequest, requires
from service.contracts.spend.ownership import OwnershipList, OwnershipShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.spend.buckets import SpendBucket
from service.queries.spend.reading import Question, is_settled
from service.queries.spend.runs import Span
from service.queries.spend.withheld import read_compared, why_withheld
from service.queries.teams.comparisons import Thresholds

# A row's place, and the exact sums of each part until it, which the next row is rounded with.
Amount: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9]{1,60}$")]
After: TypeAlias = tuple[Place, tuple[Amount, Amount, Amount, Amount]]


class OwnershipDimension(StrEnum):
    """What to split by."""

    TEAM = "team"
    REPOSITORY = "repository"
    MODEL = "model"
    PROVIDER = "provider"
    WORKFLOW = "workflow"
    FEATURE = "feature"


@frequent_get(
    "/api/v1/ownership", guards=[requires("read")], summary="Show the total cost of ownership", tags=["figures"]
)
async def show_ownership(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: Annotated[
        OwnershipDimension | None, QueryParameter(description="Dimension to split by (default: none)")
    ] = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response[OwnershipList]:
    """Show token cost, the overhead beside it by part, both together, and estimates of energy and carbon.

    Overhead is token cost multiplied by the factors of `GET /api/v1/ownership/factors` that hold on each day. Items sum
    to the total to the last nano-dollar, however they are grouped. A comparison withholds teams as `GET /api/v1/spend`
    does. The default period is the last 12 weeks.
    """
    period = read_asked_period(from_, to, bucket)
    after = read_cursor(cursor, After)
    async with open_question(request, period, team, group_by, cost_kind) as (tenant, question, thresholds):
        return Encoded(await answer(tenant, question, period.span, thresholds, after, limit))


async def answer(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, after: After | None, limit: int
) -> OwnershipList:
    """Return a page of rows, the total and the factors."""
    reason = None if question.team_id is None else await why_withheld(tenant, question.team_id, thresholds)
    is_comparison = question.team_id is None and question.dimensions == ("team",)
    compared = await read_compared(tenant, question, span, thresholds) if is_comparison else None
    asked = Asked(question, span, await read_book(tenant), compared)
    whole = await read_whole(tenant, asked)
    page, next_cursor = cut(await _page(tenant, asked, after, limit + 1), limit, _without_sums if reason else _cursor)
    return OwnershipList(
        first_day=span.first,
        last_day=span.last,
        cost_kind=question.cost_kind,
        settled=await is_settled(tenant, question.team_id, span),
        estimates=ESTIMATES,
        factors=[factor_shown(each) for each in asked.book.held(*span)],
        total=None if reason else figures_of(whole, {part: rounded(amount) for part, amount in whole.money.items()}),
        items=[_shown(asked, row, reason or row.withheld) for row in page],
        next_cursor=next_cursor,
    )


class Row(NamedTuple):
    """A row of the list: its sums, its overhead in nano-USD by part, and why it is withheld.

    `until` are the exact sums with which the next page begins.
    """

    place: Place
    sums: Sums
    overhead: Mapping[str, int]
    until: tuple[int, ...]
    withheld: str | None


def _cursor(row: Row) -> tuple[Any, ...]:
    # As texts, because they may exceed 64 bits.
    return row.place, [str(amount) for amount in row.until]


def _without_sums(row: Row) -> tuple[Any, ...]:
    """Return the cursor of a team that is withheld."""
    return row.place, ["0" for _ in row.until]


async def _page(tenant: Tenant, asked: Asked, after: After | None, limit: int) -> list[Row]:
    """Return rows after a place, rounded one after another."""
    place, until = after or (None, ())
    read = await read_rows(tenant, asked, place, limit)
    withheld = await read_withheld(tenant, asked, read)
    rounding = Rounding([int(amount) for amount in until])
    rows: list[Row] = []
    for each, found in read.sums.items():
        if len(rows) >= limit and (place is None or rows[-limit].place > place):
            break
        if rows and asked.withholds and rows[-1].place[0] == each[0]:
            known = rows[-1].until
        else:
            known = tuple(rounding.sums.values())
        overhead = rounding.next(found.money)
        # Sums within a bucket would give a withheld team away, so such a page begins with the bucket of its first row.
        next_until = known if asked.withholds else tuple(rounding.sums.values())
        rows.append(Row(each, found, overhead, next_until, withheld.get(each)))
    return [row for row in rows if place is None or row.place > place][:limit]


def _shown(asked: Asked, row: Row, reason: str | None) -> OwnershipShown:
    group: dict[str, Any] = {asked.dimension: row.place[1]} if asked.dimension else {}
    return OwnershipShown(
        period_start=asked.question.buckets[row.place[0] - 1].span.first,
        figures=None if reason else figures_of(row.sums, row.overhead),
        withheld_reason=reason,
        **group,
    )


ROUTES = [show_ownership]
