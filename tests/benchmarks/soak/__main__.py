"""Check that losses, repeats, delays and outages of webhooks lead to the same tables as an undisturbed run.

    .venv/bin/python -m tests.benchmarks.soak [--events 50000] [--json]

A fake GitHub and GitLab send all events to one `shipledger up` undisturbed; it is emptied, and they send them again.
This time 5 % of the events are dropped, 5 % sent twice and 10 % delayed, and service, PostgreSQL, Redis and worker are
killed (kill -9) under load. Finally the product's repair lists failed deliveries at both forges and requests them
again, and all tables are compared row by row.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tests.benchmarks.soak.events import Disturbance, Event, disturbed, reported_by_both
from tests.benchmarks.soak.forges import ENVIRONMENT, Forges, forges, once
from tests.benchmarks.soak.repairing import repair
from tests.benchmarks.soak.stored import empty_tables, forget, settled
from tests.benchmarks.soak.tables import differing
from tests.harness.shipledger_up import Up, up

VICTIMS = ("service", "postgres", "redis", "worker")
KILLS_OF_EACH = 3


def undisturbed(stack: Up, both: Forges, events: Sequence[Event]) -> dict[str, set[str]]:
    """Send every event once, in order; there must be nothing to repair."""
    both.send_all(once(events))
    both.give_tokens(stack)
    repaired = repair(stack)
    derived, lost = asyncio.run(settled(stack, both.stored_keys(events)))
    if lost or both.failed or any(each["found"] for each in repaired.values()):
        raise RuntimeError(f"the undisturbed run lost {lost} events and repaired {repaired}")
    return derived


def kill_by_turns(stack: Up, both: Forges, events: int, kills_of_each: int, killed: list[str]) -> None:
    """Kill one process after another, evenly over the events."""
    every = max(1, events // (len(VICTIMS) * kills_of_each + 1))
    for number, victim in enumerate(VICTIMS * kills_of_each, start=1):
        while both.tried < number * every:
            time.sleep(0.01)
        os.kill(stack.processes()[victim], signal.SIGKILL)
        killed.append(victim)


def troubled(stack: Up, both: Forges, events: Sequence[Event], kills_of_each: int) -> dict[str, Any]:
    """Send the events with every disturbance, and repair."""
    first = disturbed(events, Disturbance())
    killed: list[str] = []
    killing = threading.Thread(target=kill_by_turns, args=(stack, both, len(first), kills_of_each, killed))
    killing.start()
    both.send_all(first)
    killing.join()
    unaccepted = len({each.key for each in events} - both.accepted())
    failed = both.failed
    between = time.monotonic()
    asyncio.run(settled(stack, set()))
    both.give_tokens(stack)
    repaired = repair(stack)
    repairing = round(time.monotonic() - between)
    derived, lost = asyncio.run(settled(stack, both.stored_keys(events)))
    return {
        "killed": killed,
        "never_accepted_at_first": unaccepted,
        "failed": failed,
        "repaired": repaired,
        "lost": lost,
        "seconds_repairing": repairing,
        "rows": derived,
    }


def run(events: int, folder: Path, kills_of_each: int = KILLS_OF_EACH) -> dict[str, Any]:
    """Run the whole soak in a folder."""
    reported = reported_by_both(events)
    with forges() as both, up(folder, folder / "data", **ENVIRONMENT) as stack:
        both.connect(stack)
        unreported = asyncio.run(empty_tables(stack))
        started = time.monotonic()
        expected = undisturbed(stack, both, reported)
        asyncio.run(forget(stack, unreported))
        both.forget()
        between = time.monotonic()
        found = troubled(stack, both, reported, kills_of_each)
        ended = time.monotonic()
    rows = found.pop("rows")
    return {
        "events": len(reported),
        **found,
        "rows": {name: len(each) for name, each in expected.items()},
        "differing": differing(expected, rows),
        "seconds_undisturbed": round(between - started),
        "seconds_disturbed": round(ended - between),
    }


def main() -> int:
    """Run the command; return 1 if anything is lost or differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=50_000, help="number of events (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    # Otherwise every request of the forges would be logged.
    logging.disable(logging.INFO)
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
