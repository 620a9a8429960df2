"""Cost of a webhook when an organization's history is long, compared with a short one.

    .venv/bin/python -m tests.benchmarks.history [--times 100] [--json]

Half a year of a simulated company's webhooks is recorded, and its pull requests get token windows. The next webhooks
arrive a few at a time and are recorded one transaction after the other: first on that history, then, in an organization
of the same size, on a history that is as many times longer.
"""

import asyncio
import json
import time
from collections.abc import Sequence

import asyncpg
import click

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from service.simulation.github_payloads import Webhook
from tests.benchmarks.deliveries.__main__ import MASTER_SECRET, fill
from tests.benchmarks.deliveries.reported import reported
from tests.benchmarks.history.grown import add_tokens, lengthen
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, redis_server, url_of
from tests.harness.settings import make_settings
from workers.context import WorkerContext
from workers.jobs.process_deliveries import process_deliveries

BAR = 3.0
DATABASE = "benchmark"
MEMORY = ("shared_buffers = '512MB'", "max_wal_size = '8GB'")
WEEKS = 26
AT_ONCE = 5


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--times", default=100, show_default=True, help="How many times longer the long history is.")
@click.option("--webhooks", default=4000, show_default=True, help="Webhooks of the short history.")
@click.option("--measured", default=300, show_default=True, help="Webhooks that arrive then.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(times: int, webhooks: int, measured: int, as_json: bool) -> None:
    """Measure what a webhook costs on a short history and on a long one."""
    with postgres(*MEMORY) as socket_folder, redis_server() as redis_url:
        short, long = asyncio.run(_measure(socket_folder, redis_url, times, reported(webhooks + measured), measured))
    ratio = long / short
    if as_json:
        click.echo(json.dumps({"short_ms": short, "long_ms": long, "times": times, "ratio": ratio, "bar": BAR}))
    else:
        click.echo(
            f"a webhook costs {short:.2f} ms on {webhooks:,} webhooks of history and {long:.2f} ms on a history "
            f"{times} times as long: {ratio:.2f} times as much (bar {BAR})"
        )
    raise SystemExit(int(ratio > BAR))


async def _measure(
    socket_folder: str, redis_url: str, times: int, webhooks: Sequence[Webhook], measured: int
) -> tuple[float, float]:
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER shipledger")
    await administration.close()
    settings = make_settings(
        database_url=url_of(socket_folder, DATABASE), redis_url=redis_url, secret_key=MASTER_SECRET
    )
    database, queue = Database(settings.database_url), Queue(redis_url)
    await database.open()
    context = WorkerContext(settings, database, queue, OrganizationKeys(database, KeyRing.of(MASTER_SECRET)))
    past, present = webhooks[:-measured], webhooks[-measured:]
    superuser = await asyncpg.connect(url_of(socket_folder, DATABASE, "postgres"))
    try:
        organizations = {}
        for longer in (1, times):
            organization = await make_organization(database, MASTER_SECRET, f"{longer} times")
            organizations[longer] = organization.organization_id
            await fill(socket_folder, organization.organization_id, past)
            await process_deliveries(context, organization.organization_id)
            await add_tokens(superuser, organization.organization_id)
            await lengthen(superuser, organization.organization_id, longer, WEEKS)
        seconds = dict.fromkeys(organizations, 0.0)
        # In turn, so that other load on the machine affects both.
        for start in range(0, measured, AT_ONCE):
            arrived = present[start : start + AT_ONCE]
            for longer, organization_id in organizations.items():
                await fill(socket_folder, organization_id, arrived)
                began = time.perf_counter()
                await process_deliveries(context, organization_id)
                seconds[longer] += time.perf_counter() - began
    finally:
        await superuser.close()
        await queue.close()
        await database.close()
    return 1000 * seconds[1] / measured, 1000 * seconds[times] / measured


if __name__ == "__main__":
    main()
