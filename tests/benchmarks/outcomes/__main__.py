"""How long questions about outcomes and the cost of ownership take on many reports and a large ledger.

    .venv/bin/python -m tests.benchmarks.outcomes [--rows 10000000] [--teams 1000] [--reports 2000000] [--json]

The time is that of all statements of a question in PostgreSQL, asked as the endpoints do, one at a time.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

import asyncpg
import click

from schema.database import Database, Tenant
from service.administration.migrations import upgrade
from service.api.ownership import ownership
from service.api.reported import outcome_list
from service.http.transactions import open_reading
from service.queries.spend.buckets import SpendBucket, buckets_of
from service.queries.spend.reading import Question
from service.queries.spend.runs import Span
from service.queries.teams.comparisons import Thresholds
from service.queries.teams.teams import find_team
from tests.benchmarks.metrics.__main__ import DATABASE, MASTER_SECRET, MEMORY, make_database, percentiles
from tests.benchmarks.metrics.fill import Company, fill
from tests.benchmarks.metrics.questions import draw
from tests.harness.servers import postgres, url_of
from workers.stores.spend.outcome_cuts import sum_days
from workers.stores.spend.stale import lock_spend

BAR = 25.0
WARM_UPS = 3
# The kinds of questions of the spend benchmark whose periods are asked here, with another dimension where needed.
PERIODS = {
    "a month by team": "team",
    "twelve weeks by week and model": "workflow",
    "any period by week and team": "team",
    "any period by day and provider": "",
    "any period, dearest features": "feature",
    "any period of a team by workflow and feature": "workflow",
}

REPORTS = """
    INSERT INTO reported_outcome (organization_id, identity, team_id, hour, feature, workflow, number, successes,
                                  quality, prompt_template)
    SELECT $1::bigint, sha256(convert_to(n::text, 'UTF8')), team.team_id,
           ($2::date + (n % ($3::date - $2::date + 1))::int)::timestamp AT TIME ZONE 'UTC' + n % 24 * interval '1 hour',
           'feature ' || n % 50, 'workflow ' || n % 20, 1 + n % 7, n % 2, n % 1000000, 'v' || n % 12
      FROM generate_series(1, $4::bigint) AS n
      JOIN (SELECT team_id, row_number() OVER (ORDER BY team_id) - 1 AS place FROM team
             WHERE organization_id = $1 AND NOT is_default) AS team ON team.place = n % $5::bigint
"""
NOTES = """
    INSERT INTO stale_outcome (organization_id, day)
    SELECT $1::bigint, day::date FROM generate_series($2::date, $3::date, interval '1 day') AS day
"""
FACTORS = """
    INSERT INTO ownership_factor (organization_id, part, provider, model, first_day, low, value, high, source)
    SELECT $1::bigint, part, provider, model, first_day, 1, 123457, 200000, 'memo 1'
      FROM (VALUES ('orchestration', '', '', '2020-01-01'::date), ('infrastructure', 'anthropic', '', '2020-01-01'),
                   ('infrastructure', 'anthropic', '', $2::date + 40), ('energy', '', 'gpt-5', '2020-01-01'))
           AS made (part, provider, model, first_day)
"""

Ask = Callable[..., Awaitable[Any]]


async def prepared(socket_folder: str, chosen: argparse.Namespace) -> tuple[Company, dict[str, object]]:
    """Fill the database, and sum all outcomes; returns the seconds of that, too."""
    database = Database(url_of(socket_folder, DATABASE), pool_size=1)
    await database.open()
    try:
        superuser_url = url_of(socket_folder, DATABASE, "postgres")
        company = await fill(database, superuser_url, MASTER_SECRET, chosen.rows, chosen.teams)
        organization_id, days = company.organization.organization_id, (company.first, company.last)
        async with database.organization(organization_id) as tenant:
            await tenant.execute(REPORTS, *days, chosen.reports, chosen.teams)
            await tenant.execute(FACTORS, company.first)
            await tenant.execute(NOTES, *days)
        begins = time.perf_counter()
        while True:
            async with database.organization(organization_id) as tenant:
                await lock_spend(tenant)
                if not await sum_days(tenant):
                    break
        seconds = time.perf_counter() - begins
        connection = await asyncpg.connect(superuser_url)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.close()
    finally:
        await database.close()
    return company, {"summed_days": (days[1] - days[0]).days + 1, "summing_seconds": round(seconds, 1)}


async def measure(socket_folder: str, company: Company, kind: str, ask: Ask, times: int, teams: int) -> list[float]:
    """Return the seconds of the statements of each question of a kind."""
    database = Database(url_of(socket_folder, DATABASE), pool_size=1)
    await database.open()
    found = []
    try:
        for seed in range(-WARM_UPS, times):
            query = draw(kind, seed, company.first, company.last, teams)
            found.append(await _ask(database, company, query, PERIODS[kind], ask))
    finally:
        await database.close()
    return found[WARM_UPS:]


async def _ask(database: Database, company: Company, query: dict[str, str], dimension: str, ask: Ask) -> float:
    seconds = 0.0

    def add(statement: Any) -> None:
        nonlocal seconds
        seconds += statement.elapsed

    span = Span(date.fromisoformat(query["from"]), date.fromisoformat(query["to"]))
    buckets = buckets_of(span, SpendBucket(query.get("bucket", "total")), None)
    async with open_reading(database) as reading:
        tenant: Tenant = await reading.organization(company.organization.organization_id)
        tenant.connection.add_query_logger(add)
        team_id = await find_team(tenant, query["team"]) if "team" in query else None
        question = Question(buckets, (dimension,) if dimension else (), "list", team_id)
        shown = await ask(tenant, question, span, Thresholds(), None, 50)
        tenant.connection.remove_query_logger(add)
    if not shown.items:
        raise RuntimeError(f"nothing was found in {query}")
    return seconds


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Run the whole benchmark."""
    with postgres(*MEMORY) as socket_folder:
        asyncio.run(make_database(socket_folder))
        upgrade(url_of(socket_folder, DATABASE))
        company, summed = asyncio.run(prepared(socket_folder, chosen))
        asks: Mapping[str, Ask] = {"outcomes": outcome_list.answer, "ownership": ownership.answer}
        questions = {}
        for name, ask in asks.items():
            for kind, dimension in PERIODS.items():
                asked = partial(measure, socket_folder, company, kind, ask, chosen.times, chosen.teams)
                questions[f"{name}: {kind} ({dimension or 'total'})"] = percentiles(asyncio.run(asked()))
        return {"rows": chosen.rows, "teams": chosen.teams, "reports": chosen.reports, **summed, "questions": questions}


def show(results: Mapping[str, Any]) -> None:
    """Print the figures as a table."""
    click.echo(f"{results['rows']:,} rows of ledger, {results['teams']:,} teams, {results['reports']:,} reports")
    click.echo(f"{results['summed_days']} days of reports summed in {results['summing_seconds']} s\n")
    click.echo(f"{'milliseconds in PostgreSQL':70}{'p50':>9}{'p99':>9}")
    for kind, found in results["questions"].items():
        click.echo(f"{kind:70}{found['p50_ms']:>9.1f}{found['p99_ms']:>9.1f}")


def main() -> int:
    """Run the command; return 1 if a question is slower than the bar."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.outcomes", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="ledger rows (default: %(default)s)")
    parser.add_argument("--teams", type=int, default=1_000, help="teams (default: %(default)s)")
    parser.add_argument("--reports", type=int, default=2_000_000, help="reported outcomes (default: %(default)s)")
    parser.add_argument("--times", type=int, default=100, help="questions of each kind (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen)
    click.echo(json.dumps(results)) if chosen.json else show(results)
    return 0 if all(each["p99_ms"] < BAR for each in results["questions"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
