"""Asks questions as the endpoints do, and measures their statements alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from schema.database import Database, Tenant
from service.api.cursors import DEFAULT_LIMIT
from service.api.effects import iterations
from service.api.ledger import attributions, conversion, ledger, metrics, percentiles
from service.api.ledger.changed_teams import read_team_changes
from service.api.ledger.compared_periods import read_compared_periods
from service.api.ledger.spend import DEFAULT_ROWS, SpendSort, answer, read_question
from service.api.ownership import ownership
from service.api.periods import read_instants, read_period
from service.api.releases import releases
from service.http.transactions import open_reading
from service.queries.ledger.attributions import Wanted, read_tokens_of
from service.queries.ledger.calibrations import read_calibrations
from service.queries.ledger.merged_costs import Dimension
from service.queries.ledger.overview import read_merged
from service.queries.ledger.percentiles import read_spread
from service.queries.ledger.releases import WantedReleases, read_parts
from service.queries.ledger.totals import read_ledger
from service.queries.spend.buckets import Bucket, Comparison, SpendBucket
from service.queries.spend.reading import STAGE, Question, read_cells
from service.queries.spend.runs import Span
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team, read_sizes
from tests.benchmarks.metrics.backend import backend_of, cpu_seconds
from tests.benchmarks.metrics.questions import Query, address

WARM_UPS = 3


class Times(NamedTuple):
    """Seconds of the statements of each question, and CPU seconds of PostgreSQL."""

    seconds: list[float]
    cpu: list[float]


async def in_postgres(database_url: str, organization_id: int, kind: str, questions: Sequence[Query]) -> Times:
    """Measure each question, after a few that are not measured."""
    database = Database(database_url, pool_size=1)
    await database.open()
    try:
        for query in questions[:WARM_UPS]:
            await ask(database, organization_id, kind, query)
        backend = await backend_of(database)
        seconds, cpu = [], []
        for query in questions:
            begins = cpu_seconds(backend)
            seconds.append(await ask(database, organization_id, kind, query))
            cpu.append(cpu_seconds(backend) - begins)
        return Times(seconds, cpu)
    finally:
        await database.close()


async def ask(database: Database, organization_id: int, kind: str, query: Query) -> float:
    """Return the seconds of the statements of one question."""
    seconds = 0.0

    def add(statement: Any) -> None:
        nonlocal seconds
        seconds += statement.elapsed

    async with open_reading(database) as reading:
        tenant = await reading.organization(organization_id)
        tenant.connection.add_query_logger(add)
        team_id = await find_team(tenant, query["team"]) if "team" in query else None
        found = await ASK[address(kind)](tenant, query, team_id)
        tenant.connection.remove_query_logger(add)
    if not found:
        raise RuntimeError(f"nothing was found for {kind}: {query}")
    return seconds


async def ask_spend(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/spend`."""
    asked = read_question(
        query["from"],
        query["to"],
        SpendBucket(query.get("bucket", "total")),
        query.get("group_by"),
        Comparison(query["compare"]) if "compare" in query else None,
        SpendSort(query.get("sort", "period")),
    )
    question = Question(asked.buckets, asked.dimensions, "list", team_id)
    return (await answer(tenant, question, asked, Thresholds(), None, DEFAULT_ROWS + 1)).items


async def ask_conversion(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/metrics/conversion`."""
    span = _span(query)
    question = Question([Bucket(span)], (query["group_by"], STAGE), "list", team_id)
    cells = await read_cells(tenant, question, None, (conversion.DEFAULT_ROWS + 1) * conversion.MOST_STAGES)
    await conversion.reasons_of(tenant, question, span, Thresholds(), cells)
    return cells


async def ask_percentiles(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/metrics/percentiles`."""
    span = _span(query)
    spread = await read_spread(tenant, team_id=team_id, span=span, cost_kind="list")
    if team_id is None:
        await percentiles.read_teams(tenant, span, "list", Thresholds())
    return spread.number


async def ask_attributions(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/attributions`."""
    begins, ends = read_instants(query.get("merged_from"), query.get("merged_to"))
    wanted = Wanted(team_id=team_id, merged_from=begins, merged_to=ends, state=query.get("state"))
    page, _ = await attributions.read_page(
        tenant, wanted, attributions.AttributionSort.COST, "list", None, DEFAULT_LIMIT
    )
    return await read_tokens_of(tenant, [row["artifact_id"] for row in page])


async def ask_releases(tenant: Tenant, _: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/releases`."""
    wanted = WantedReleases(team_id=team_id)
    page, _cursor = await releases.read_page(tenant, wanted, releases.ReleaseSort.COST, "list", None, DEFAULT_LIMIT)
    await read_sizes(tenant)
    await read_calibrations(tenant)
    return await read_parts(tenant, [row["artifact_id"] for row in page])


async def ask_change(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/spend/change`."""
    periods = read_compared_periods(query["from"], query["to"], query["compare"], datetime.now(UTC).date())
    return await read_team_changes(tenant, *periods, team_id, Thresholds())


async def ask_ownership(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/ownership`."""
    span = _span(query)
    question = Question([Bucket(span)], (query["group_by"],), "list", team_id)
    return (await ownership.answer(tenant, question, span, Thresholds(), None, DEFAULT_LIMIT)).items


async def ask_ledger(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/ledger`."""
    period = read_period(query.get("from"), query.get("to"))
    bucket = SpendBucket(query.get("bucket", "total"))
    asked = ledger.read_question(period, bucket, query.get("group_by"), None, "list")
    return (await ledger.read_answer(tenant, asked, team_id, Thresholds())).rows


async def ask_overview(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/overview`."""
    period = read_period(query.get("from"), query.get("to"))
    await read_ledger(tenant, team_id=team_id, first_day=period.first, last_day=period.last)
    return await read_merged(tenant, team_id=team_id, first_day=period.first, last_day=period.last)


async def ask_iterations(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/iterations`."""
    return await iterations.read_period(tenant, _span(query), team_id, Thresholds())


async def ask_tokens_per_pull_request(tenant: Tenant, query: Query, team_id: int | None) -> object:
    """Ask as `GET /api/v1/metrics/tokens-per-pr`."""
    dimensions = (Dimension(query["group_by"]),)
    asked = metrics.Asked(team_id, Bucket(_span(query)), [], SpendBucket(query["bucket"]), dimensions, "list")
    return await metrics.read_rows(tenant, asked, Thresholds())


def _span(query: Query) -> Span:
    return Span(date.fromisoformat(query["from"]), date.fromisoformat(query["to"]))


ASK = {
    "spend": ask_spend,
    "metrics/conversion": ask_conversion,
    "metrics/percentiles": ask_percentiles,
    "attributions": ask_attributions,
    "releases": ask_releases,
    "spend/change": ask_change,
    "ownership": ask_ownership,
    "ledger": ask_ledger,
    "overview": ask_overview,
    "iterations": ask_iterations,
    "metrics/tokens-per-pr": ask_tokens_per_pull_request,
}
