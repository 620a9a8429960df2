"""GET /api/v1/guardrails: requests that guardrails refused, their retries, and what both cost."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from litestar import Response
from litestar.params import FromQuery, QueryParameter

from schema.database import Tenant
from service.api.amounts import tokens_shown
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.api.ledger.lone_rows import Place, withhold_teams
from service.api.ledger.spend_question import open_question, read_asked_period
from service.api.parameters import CostKindName, TeamName
from service.api.periods import From, To
from service.auth.guards import ApiRequest, requires
from service.contracts.spend.guardrails import GuardedShown, GuardrailFigures, GuardrailList, GuardrailsShown
from service.http.encoded import Encoded
from service.http.frequent_route import frequent_get
from service.queries.spend.buckets import Bucket, SpendBucket
from service.queries.spend.guardrails import Guarded, read_guarded
from service.queries.spend.reading import Question, is_settled, read_total
from service.queries.spend.runs import Span
from service.queries.spend.withheld import read_compared, why_withheld
from service.queries.teams.comparisons import Thresholds
from vocabulary.tokens import usd_text

KINDS = ("refused", "retry")
Row = tuple[Guarded, Guarded]


class GuardrailDimension(StrEnum):
    """What to split by."""

    TEAM = "team"
    MODEL = "model"
    PROVIDER = "provider"
    WORKFLOW = "workflow"
    PROMPT_VERSION = "prompt_version"


@frequent_get("/api/v1/guardrails", guards=[requires("read")], summary="Show what guardrails cost", tags=["figures"])
async def show_guardrails(
    request: ApiRequest,
    team: TeamName = None,
    from_: From = None,
    to: To = None,
    bucket: FromQuery[SpendBucket] = SpendBucket.TOTAL,
    group_by: Annotated[
        GuardrailDimension | None, QueryParameter(description="Dimension to split by (default: none)")
    ] = None,
    cost_kind: CostKindName = "list",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Response[GuardrailList]:
    """Show requests that a guardrail refused, requests that were made again because of it, and the cost of both.

    Telemetry reports them with the attribute `shipledger.guardrail` of a request: `refused` or `retry`. A comparison
    withholds teams as `GET /api/v1/spend` does, and never a single one with such requests. The default period is the
    last 12 weeks.
    """
    period = read_asked_period(from_, to, bucket)
    after = read_cursor(cursor, Place)
    async with open_question(request, period, team, group_by, cost_kind) as (tenant, question, thresholds):
        return Encoded(await answer(tenant, question, period.span, thresholds, after, limit))


async def answer(
    tenant: Tenant, question: Question, span: Span, thresholds: Thresholds, after: Place | None, limit: int
) -> GuardrailList:
    """Return a page of rows, and the total."""
    dimension = next(iter(question.dimensions), "")
    reason = None if question.team_id is None else await why_withheld(tenant, question.team_id, thresholds)
    rows = await _rows(tenant, question, question.buckets, dimension)
    withheld: Mapping[Place, str] = {}
    if dimension == "team" and question.team_id is None:
        compared = await read_compared(tenant, question, span, thresholds)
        withheld = withhold_teams({place: _numbers(row) for place, row in rows.items()}, compared.reasons, {})
    whole = (await _rows(tenant, question, [Bucket(span)], "")).get((1, ""), (Guarded(), Guarded()))
    spent, _ = await read_total(tenant, question, Bucket(span))
    page, next_cursor = cut([place for place in rows if after is None or place > after], limit, lambda place: place)
    return GuardrailList(
        first_day=span.first,
        last_day=span.last,
        cost_kind=question.cost_kind,
        settled=await is_settled(tenant, question.team_id, span),
        total=None if reason else _figures(whole),
        share_of_cost=None if reason or not spent.nano_usd else _cost(whole) / spent.nano_usd,
        items=[_shown(question, dimension, place, rows[place], reason or withheld.get(place)) for place in page],
        next_cursor=next_cursor,
    )


async def _rows(tenant: Tenant, question: Question, buckets: Sequence[Bucket], dimension: str) -> dict[Place, Row]:
    """Return refused requests and retries by bucket and group, in order."""
    found = await read_guarded(tenant, buckets, dimension, question.team_id, question.cost_kind)
    places = sorted({(bucket, name) for bucket, name, _ in found})
    refused, retried = ({place: found.get((*place, kind), Guarded()) for place in places} for kind in KINDS)
    return {place: (refused[place], retried[place]) for place in places}


def _numbers(row: Row) -> tuple[int, ...]:
    return tuple(number for each in row for number in (each.requests, each.tokens.total, each.nano_usd))


def _cost(row: Row) -> int:
    return sum(each.nano_usd for each in row)


def _figures(row: Row) -> GuardrailFigures:
    refused, retries = (
        GuardedShown(requests=each.requests, tokens=tokens_shown(each.tokens), cost_usd=usd_text(each.nano_usd))
        for each in row
    )
    return GuardrailFigures(refused=refused, retries=retries, cost_usd=usd_text(_cost(row)))


def _shown(question: Question, dimension: str, place: Place, row: Row, reason: str | None) -> GuardrailsShown:
    group: dict[str, Any] = {dimension: place[1]} if dimension else {}
    return GuardrailsShown(
        period_start=question.buckets[place[0] - 1].span.first,
        figures=None if reason else _figures(row),
        withheld_reason=reason,
        **group,
    )


ROUTES = [show_guardrails]
