"""Nothing is lost: webhooks with losses, repeats, delays and outages end in the tables of an undisturbed run.

    .venv/bin/python -m tests.benchmarks.soak [--events 50000] [--json]

One `shipledger up` is told everything undisturbed, is emptied, and is told it again. Then 5 % of the events are
dropped, 5 % sent twice and 10 % delayed, and service, PostgreSQL, Redis and worker are killed (kill -9) while events
pour in. At last the forge is asked to deliver again what it knows was never accepted, and all tables are compared row
by row.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import click
import httpx

from service.simulation.github_payloads import Webhook
from tests.benchmarks.deliveries.told import told
from tests.benchmarks.soak.forge import Disturbance, Forge, disturbed
from tests.benchmarks.soak.tables import differing, read_derived
from tests.harness.shipledger_up import Up, up

VICTIMS = ("service", "postgres", "redis", "worker")
KILLS_OF_EACH = 3
POLL_SECONDS = 0.5
DRAIN_SECONDS = 1800.0

TABLES = """
    SELECT oid::regclass::text AS relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY oid
"""
WAITING = "SELECT count(*) FROM delivery WHERE state = 'waiting'"


async def drain(stack: Up) -> asyncpg.Connection:
    """Wait until nothing waits; a connection to read with."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = await asyncpg.connect(superuser(stack.database_url))
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(POLL_SECONDS)
            continue
        if not await connection.fetchval(WAITING):
            return connection
        await connection.close()
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError("deliveries wait for ever")


def superuser(database_url: str) -> str:
    """A role that row-level security does not bind, since all is read."""
    return database_url.replace("postgresql://shipledger@", "postgresql://postgres@", 1)


async def settled(stack: Up, webhooks: list[Webhook]) -> tuple[dict[str, set[str]], int]:
    """Every derived row once nothing waits, and how many events were never processed."""
    connection = await drain(stack)
    try:
        rows = await connection.fetch("SELECT deduplication_key FROM delivery WHERE state IN ('processed', 'ignored')")
        processed = {row["deduplication_key"].rpartition("/")[2] for row in rows}
        return await read_derived(connection), len({each.delivery for each in webhooks} - processed)
    finally:
        await connection.close()


async def undisturbed(stack: Up, hook: Mapping[str, Any], webhooks: list[Webhook]) -> dict[str, set[str]]:
    """Everything told once, in order."""
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as client:
        forge = Forge(client, path_of(hook), hook["secret"])
        await forge.send(webhooks)
        await forge.repair(webhooks)
    derived, lost = await settled(stack, webhooks)
    if lost or forge.again:
        raise RuntimeError(f"the undisturbed run lost {lost} events and repeated {forge.again}")
    return derived


async def kill_by_turns(stack: Up, forge: Forge, events: int, kills_of_each: int) -> list[str]:
    """Kill one process after another, evenly over the events."""
    killed = []
    every = max(1, events // (len(VICTIMS) * kills_of_each + 1))
    for number, victim in enumerate(VICTIMS * kills_of_each, start=1):
        while forge.tried < number * every:  # noqa: ASYNC110 - counted by other tasks all the time
            await asyncio.sleep(0.01)
        os.kill(stack.processes()[victim], signal.SIGKILL)
        killed.append(victim)
    return killed


async def troubled(stack: Up, hook: Mapping[str, Any], webhooks: list[Webhook], kills_of_each: int) -> dict[str, Any]:
    """Everything that may go wrong, and the repair."""
    first = disturbed(webhooks, Disturbance())
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as client:
        forge = Forge(client, path_of(hook), hook["secret"])
        killing = asyncio.create_task(kill_by_turns(stack, forge, len(first), kills_of_each))
        await forge.send(first)
        killed = await killing
        unaccepted = len(webhooks) - len(forge.accepted)
        await forge.repair(webhooks)
    derived, lost = await settled(stack, webhooks)
    return {
        "killed": killed,
        "never_accepted_at_first": unaccepted,
        "failed": forge.failed,
        "lost": lost,
        "rows": derived,
    }


async def empty_tables(stack: Up) -> list[str]:
    """Names of all tables that hold nothing yet."""
    connection = await asyncpg.connect(superuser(stack.database_url))
    try:
        names = [row["relname"] for row in await connection.fetch(TABLES)]
        # As PostgreSQL names its tables.
        return [name for name in names if not await connection.fetchval(f"SELECT EXISTS (SELECT FROM {name})")]
    finally:
        await connection.close()


async def forget(stack: Up, tables: list[str]) -> None:
    """Let these tables hold nothing again: what comes now is as new as it was at first."""
    connection = await asyncpg.connect(superuser(stack.database_url))
    try:
        async with connection.transaction():
            # All of them are emptied, whichever refers to whichever.
            await connection.execute("SET LOCAL session_replication_role = 'replica'")
            for name in tables:
                await connection.execute(f"DELETE FROM {name}")
    finally:
        await connection.close()


def path_of(hook: Mapping[str, Any]) -> str:
    return f"/webhooks/github/{hook['id']}"


def run(events: int, folder: Path, kills_of_each: int = KILLS_OF_EACH) -> dict[str, Any]:
    """The whole soak, in a folder."""
    webhooks = told(events)
    with up(folder, folder / "data") as stack:
        answer = httpx.post(
            f"{stack.url}/api/v1/connections", json={"forge": "github"}, headers=stack.headers, trust_env=False
        )
        hook = answer.raise_for_status().json()
        untold = asyncio.run(empty_tables(stack))
        started = time.monotonic()
        expected = asyncio.run(undisturbed(stack, hook, webhooks))
        asyncio.run(forget(stack, untold))
        between = time.monotonic()
        found = asyncio.run(troubled(stack, hook, webhooks, kills_of_each))
    rows = found.pop("rows")
    return {
        "events": events,
        **found,
        "rows": {name: len(each) for name, each in expected.items()},
        "differing": differing(expected, rows),
        "seconds_undisturbed": round(between - started),
        "seconds_disturbed": round(time.monotonic() - between),
    }


def main() -> int:
    """The command; its status is 1 when anything is lost or comes out otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=50_000, help="that the forge tells (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of words")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        Path(folder).chmod(0o755)
        results = run(chosen.events, Path(folder))
    if chosen.json:
        click.echo(json.dumps(results))
    else:
        click.echo(
            f"{results['events']:,} events, {len(results['killed'])} processes killed: "
            f"{results['never_accepted_at_first']:,} were not accepted at first, {results['lost']} lost after repair; "
            f"rows that differ from the undisturbed run: {results['differing'] or 'none'}"
        )
    return int(bool(results["lost"] or results["differing"]))


if __name__ == "__main__":
    sys.exit(main())
