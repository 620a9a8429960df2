"""Asks questions of spend as the endpoint does, and measures their statements alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from schema.database import Database
from service.api.ledger.spend import DEFAULT_ROWS, Sort, answer, read_question
from service.http.transactions import open_reading
from service.queries.spend.buckets import Comparison, SpendBucket
from service.queries.spend.reading import Question
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from tests.benchmarks.metrics.backend import backend_of, cpu_seconds
from tests.benchmarks.metrics.questions import Query

WARM_UPS = 3


class Times(NamedTuple):
    """Seconds of the statements of each question, and the mean CPU seconds of PostgreSQL for one."""

    seconds: list[float]
    cpu: float


async def in_postgres(database_url: str, organization_id: int, questions: Sequence[Query]) -> Times:
    """Measure each question, after a few that are not measured."""
    database = Database(database_url, pool_size=1)
    await database.open()
    try:
        for query in questions[:WARM_UPS]:
            await ask(database, organization_id, query)
        backend = await backend_of(database)
        begins = cpu_seconds(backend)
        seconds = [await ask(database, organization_id, query) for query in questions]
        return Times(seconds, (cpu_seconds(backend) - begins) / len(questions))
    finally:
        await database.close()


async def ask(database: Database, organization_id: int, query: Query) -> float:
    """Return the seconds of the statements of one question."""
    seconds = 0.0

    def add(statement: Any) -> None:
        nonlocal seconds
        seconds += statement.elapsed

    asked = read_question(
        query["from"],
        query["to"],
        SpendBucket(query.get("bucket", "total")),
        query.get("group_by"),
        Comparison(query["compare"]) if "compare" in query else None,
        Sort(query.get("sort", "period")),
    )
    async with open_reading(database) as reading:
        tenant = await reading.organization(organization_id)
        tenant.connection.add_query_logger(add)
        team_id = await find_team(tenant, query["team"]) if "team" in query else None
        question = Question(asked.buckets, asked.dimensions, "list", team_id)
        shown = await answer(tenant, question, asked, Thresholds(), None, DEFAULT_ROWS + 1)
        tenant.connection.remove_query_logger(add)
    if not shown.items:
        raise RuntimeError(f"nothing was spent in {query}")
    return seconds
