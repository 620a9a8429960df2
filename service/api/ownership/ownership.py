"""GET /api/v1/ownership: the total cost of ownership, with overhead apart from token cost, by bucket and group."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Tenant
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.ledger.lone_rows import Place
from service.api.ledger.spend_question import open_question, read_asked_period
from service.api.ownership.factors import read_book
from service.api.ownership.reading import Asked, read_sums, read_withheld
from service.api.ownership.shown import ESTIMATES, add_all, factor_shown, figures_of
from service.api.ownership.sums import Sums, round_together, rounded
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.auth.guards import ApiRequest, requires
from service.contracts.spend.ownership import MONEY_PARTS, OwnershipList, OwnershipShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.spend.buckets import SpendBucket
from service.queries.spend.reading import Question, is_settled
from service.queries.spend.runs import Span
from service.queries.spend.withheld import read_compared, why_withheld
from service.queries.teams.comparisons import Thresholds


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
    after = read_cursor(cursor, Place)
    async with open_question(request, period, team, group_by, cost_kind) as (tenant, question, thresholds):
        return Encoded(await answer(tenant, question, period.span, thresholds, after, limit))


async def answer(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, after: Place | None, limit: int
) -> OwnershipList:
    """Return a page of rows, the total and the factors."""
    reason = None if question.team_id is None else await why_withheld(tenant, question.team_id, thresholds)
    is_comparison = question.team_id is None and question.dimensions == ("team",)
    compared = await read_compared(tenant, question, span, thresholds) if is_comparison else None
    asked = Asked(question, span, await read_book(tenant), compared)
    by_bucket = await read_sums(tenant, asked, range(1, len(question.buckets) + 1), "")
    whole = add_all(by_bucket.values())
    overhead = {part: rounded(whole.money[part]) for part in MONEY_PARTS}
    page, next_cursor = cut(await _page(tenant, asked, _share(by_bucket, overhead), after, limit + 1), limit, _place)
    return OwnershipList(
        first_day=span.first,
        last_day=span.last,
        cost_kind=question.cost_kind,
        settled=await is_settled(tenant, question.team_id, span),
        estimates=ESTIMATES,
        factors=[factor_shown(each) for each in asked.book.held(*span)],
        total=None if reason else figures_of(whole, overhead),
        items=[_shown(asked, row, reason or row.withheld) for row in page],
        next_cursor=next_cursor,
    )


class Row(NamedTuple):
    """A row of the list: its sums, its overhead in nano-USD by part, and why it is withheld."""

    place: Place
    sums: Sums
    overhead: Mapping[str, int]
    withheld: str | None


def _place(row: Row) -> Place:
    return row.place


def _share(rows: Mapping[Place, Sums], overhead: Mapping[str, int]) -> dict[Place, dict[str, int]]:
    """Return the overhead of each row by part, rounded so that each part sums to that of `overhead`."""
    by_part = {
        part: round_together({place: each.money[part] for place, each in rows.items()}, total)
        for part, total in overhead.items()
    }
    return {place: {part: amounts[place] for part, amounts in by_part.items()} for place in rows}


async def _page(
    tenant: Tenant, asked: Asked, by_bucket: Mapping[Place, Mapping[str, int]], after: Place | None, limit: int
) -> list[Row]:
    """Return rows after a place, by whole buckets: first one, then ever more."""
    found: list[Row] = []
    begins, number, last = after[0] if after else 1, 1, len(asked.question.buckets)
    while begins <= last and len(found) < limit:
        places = range(begins, min(begins + number, last + 1))
        rows = await read_sums(tenant, asked, places, asked.dimension)
        withheld = await read_withheld(tenant, asked, places, rows)
        overhead: dict[Place, dict[str, int]] = {}
        for place in places:
            inside = {key: each for key, each in rows.items() if key[0] == place}
            overhead |= _share(inside, by_bucket.get((place, ""), dict.fromkeys(MONEY_PARTS, 0)))
        found += [
            Row(place, sums, overhead[place], withheld.get(place))
            for place, sums in rows.items()
            if after is None or place > after
        ]
        begins, number = places.stop, number * 2
    return found[:limit]


def _shown(asked: Asked, row: Row, reason: str | None) -> OwnershipShown:
    group: dict[str, Any] = {asked.dimension: row.place[1]} if asked.dimension else {}
    return OwnershipShown(
        period_start=asked.question.buckets[row.place[0] - 1].span.first,
        figures=None if reason else figures_of(row.sums, row.overhead),
        withheld_reason=reason,
        **group,
    )


ROUTES = [show_ownership]
