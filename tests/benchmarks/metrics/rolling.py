"""Rolls up the last days of the company as a worker does, and measures it."""

import time
from datetime import date, timedelta
from typing import NamedTuple

import asyncpg

from schema.database import Database
from tests.benchmarks.metrics.backend import backend_of, cpu_seconds
from tests.benchmarks.metrics.fill import DAYS_WITH_WINDOWS, Company
from workers.jobs.roll_up_spend import roll_up_next
from workers.stores.spend.stale import lock_spend

NOTE = """
    INSERT INTO stale_spend (organization_id, team_id, day)
    SELECT organization_id, team_id, day FROM settlement
     WHERE organization_id = $1 AND day = $2 ORDER BY team_id LIMIT $3
"""


async def roll_up(database: Database, superuser_url: str, company: Company, teams: int) -> dict[str, object]:
    """Measure days of all teams, of a half and of a quarter of them; `database` has one connection."""
    days = [company.last - timedelta(days=back) for back in range(DAYS_WITH_WINDOWS)]
    parts = [teams, teams, teams, max(1, teams // 2), max(1, teams // 4)]
    measured = [await measure(database, company, day, part) for day, part in zip(days, parts, strict=True)]
    for day in days[3:]:
        await measure(database, company, day, teams)
    connection = await asyncpg.connect(superuser_url)
    for table in ("spend_day", "spend_cut", "stale_spend"):
        await connection.execute(f"VACUUM (ANALYZE) {table}")
    await connection.close()
    whole = sorted(measured[:3])[1]
    rolled = {teams: whole, **dict(zip(parts[3:], measured[3:], strict=True))}
    return {"day_seconds": round(whole.seconds, 2), "rolled": {part: times.shown() for part, times in rolled.items()}}


class Rolled(NamedTuple):
    """Seconds, and CPU seconds of PostgreSQL."""

    seconds: float
    cpu: float

    def shown(self) -> dict[str, float]:
        """Return both, rounded."""
        return {"seconds": round(self.seconds, 2), "cpu_seconds": round(self.cpu, 2)}


async def measure(database: Database, company: Company, day: date, teams: int) -> Rolled:
    """Note a day of some teams, and roll it up."""
    organization_id = company.organization.organization_id
    async with database.organization(organization_id) as tenant:
        await tenant.execute(NOTE, day, teams)
    backend = await backend_of(database)
    begins, used = time.perf_counter(), cpu_seconds(backend)
    is_more = True
    while is_more:
        async with database.organization(organization_id) as tenant:
            await lock_spend(tenant)
            is_more = await roll_up_next(tenant)
    return Rolled(time.perf_counter() - begins, cpu_seconds(backend) - used)
