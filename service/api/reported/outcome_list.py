"""GET /api/v1/outcomes: tokens and money per outcome, by bucket and group."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Tenant
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.ledger.lone_rows import Place, withhold_teams
from service.api.ledger.spend_question import open_question, read_asked_period
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.api.reported.outcome_rows import Row, figures_of, join_rows, shown_figures
from service.auth.guards import ApiRequest, requires
from service.contracts.spend.outcomes import OutcomeFigures, OutcomeList, OutcomesShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.spend.buckets import Bucket, SpendBucket
from service.queries.spend.outcomes import is_summed, read_outcomes
from service.queries.spend.reading import Cell, Question, is_settled, read_cells, read_total
from service.queries.spend.runs import Span
from service.queries.spend.withheld import Compared, read_compared, why_withheld, withhold
from service.queries.teams.comparisons import Thresholds

MANY = 1_000_000


class OutcomeDimension(StrEnum):
    """What to split by."""

    TEAM = "team"
    FEATURE = "feature"
    WORKFLOW = "workflow"
    PROMPT_VERSION = "prompt_version"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, of which days, and which teams a comparison withholds."""

    question: Question
    span: Span
    compared: Compared | None

    @property
    def dimension(self) -> str | None:
        """The dimension to split by, if any."""
        return next(iter(self.question.dimensions), None)


@frequent_get("/api/v1/outcomes", guards=[requires("read")], summary="Show what outcomes cost", tags=["figures"])
async def show_outcomes(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: Annotated[
        OutcomeDimension | None, QueryParameter(description="Dimension to split by (default: none)")
    ] = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response[OutcomeList]:
    """Show tokens and dollars per outcome, how many outcomes succeeded, and their quality.

    Tokens are all that the team, feature, workflow or prompt template spent in the period, so that every grouping sums
    to the same total; ratios divide sums by sums. A comparison withholds teams as `GET /api/v1/spend` does, and never a
    single team with outcomes. The default period is the last 12 weeks.
    """
    period = read_asked_period(from_, to, bucket)
    after = read_cursor(cursor, Place)
    async with open_question(request, period, team, group_by, cost_kind) as (tenant, question, thresholds):
        return Encoded(await answer(tenant, question, period.span, thresholds, after, limit))


async def answer(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, after: Place | None, limit: int
) -> OutcomeList:
    """Return a page of rows, and the total."""
    reason = None if question.team_id is None else await why_withheld(tenant, question.team_id, thresholds)
    is_comparison = question.team_id is None and question.dimensions == ("team",)
    compared = await read_compared(tenant, question, span, thresholds) if is_comparison else None
    asked = Asked(question, span, compared)
    rows = await read_page(tenant, asked, after, limit + 1)
    page, next_cursor = cut(rows, limit, lambda row: row[0])
    return OutcomeList(
        first_day=span.first,
        last_day=span.last,
        cost_kind=question.cost_kind,
        settled=await is_settled(tenant, question.team_id, span) and await is_summed(tenant, span),
        total=None if reason else await read_whole(tenant, asked),
        items=[_shown(asked, place, row, reason or why) for place, row, why in page],
        next_cursor=next_cursor,
    )


async def read_page(
    tenant: Tenant, asked: Asked, after: Place | None, limit: int
) -> list[tuple[Place, Row, str | None]]:
    """Return rows after a place with the reason why each is withheld."""
    if asked.compared is None or not asked.compared.reasons:
        return [(place, row, None) for place, row in await _read_some(tenant, asked, after, limit)]
    return await _read_buckets(tenant, asked, after, limit)


async def _read_some(tenant: Tenant, asked: Asked, after: Place | None, limit: int) -> list[tuple[Place, Row]]:
    """Return the first rows after a place: those up to the last one that spent something, if there are more."""
    question = asked.question
    cells = await read_cells(tenant, question, (*after, "") if after else None, limit)
    first, last = after[0] if after else 1, len(question.buckets)
    end = _place(cells[-1]) if len(cells) == limit else None
    buckets = question.buckets[first - 1 : end[0] if end else last]
    achieved = {
        (bucket + first - 1, name): found
        for (bucket, name), found in (await read_outcomes(tenant, buckets, asked.dimension, question.team_id)).items()
    }
    shown = {
        place: found
        for place, found in achieved.items()
        if (after is None or place > after) and (end is None or place <= end)
    }
    rows = join_rows({_place(cell): cell.now for cell in cells}, shown)
    return list(rows.items())[:limit]


async def _read_buckets(
    tenant: Tenant, asked: Asked, after: Place | None, limit: int
) -> list[tuple[Place, Row, str | None]]:
    """Return rows of whole buckets, so that none gives a withheld one away: first of one, then of ever more."""
    found: list[tuple[Place, Row, str | None]] = []
    begins, number = after[0] if after else 1, 1
    while begins <= len(asked.question.buckets) and len(found) < limit:
        rows, withheld = await _read(tenant, asked, range(begins, begins + number))
        found += [(place, row, withheld.get(place)) for place, row in rows.items() if after is None or place > after]
        begins, number = begins + number, number * 2
    return found[:limit]


async def _read(tenant: Tenant, asked: Asked, places: range) -> tuple[dict[Place, Row], Mapping[Place, str]]:
    """Return the rows of the buckets at some places, and which of them are withheld."""
    buckets = asked.question.buckets[places.start - 1 : places.stop - 1]
    part = replace(asked.question, buckets=buckets)
    cells = await read_cells(tenant, part, None, MANY)
    achieved = await read_outcomes(tenant, buckets, asked.dimension, asked.question.team_id)
    rows = join_rows({_place(cell): cell.now for cell in cells}, achieved)
    withheld: dict[Place, str] = {}
    if asked.compared is not None:
        of_spend = await withhold(tenant, part, asked.compared, cells)
        spent = {(bucket, groups[0]): reason for (bucket, groups), reason in of_spend.items()}
        figures = {place: shown_figures(row) for place, row in rows.items()}
        withheld = withhold_teams(figures, asked.compared.reasons, spent)
    moved = places.start - 1
    return (
        {(bucket + moved, name): row for (bucket, name), row in rows.items()},
        {(bucket + moved, name): reason for (bucket, name), reason in withheld.items()},
    )


def _place(cell: Cell) -> Place:
    return cell.bucket, cell.groups[0] if cell.groups else ""


async def read_whole(tenant: Tenant, asked: Asked) -> OutcomeFigures:
    """Return the figures of the whole period."""
    whole, team_id = Bucket(asked.span), asked.question.team_id
    spent, _ = await read_total(tenant, asked.question, whole)
    achieved = await read_outcomes(tenant, [whole], None, team_id)
    return figures_of(next(iter(join_rows({(1, ""): spent}, achieved).values())))


def _shown(asked: Asked, place: Place, row: Row, reason: str | None) -> OutcomesShown:
    group: dict[str, Any] = {asked.dimension: place[1]} if asked.dimension else {}
    return OutcomesShown(
        period_start=asked.question.buckets[place[0] - 1].span.first,
        figures=None if reason else figures_of(row),
        withheld_reason=reason,
        **group,
    )


ROUTES = [show_outcomes]
