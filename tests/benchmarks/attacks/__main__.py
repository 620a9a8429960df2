"""What one client without a key does to a service process and to everybody else.

    .venv/bin/python -m tests.benchmarks.attacks [NAME ...] [--seconds 60] [--connections 500] [--json]

Each attack runs for so long in a process of its own, from one address. Meanwhile another address asks for figures with
a valid key, and memory is read. The service is started again for each attack, with a GitHub App and a connection.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

import click

from tests.benchmarks.attacks.attacks import ATTACKS
from tests.benchmarks.attacks.others import Others
from tests.benchmarks.reads.servers import serving
from tests.benchmarks.webhooks.__main__ import DATABASE, MASTER_SECRET, connected, prepared
from tests.harness.organization import Organization
from tests.harness.servers import postgres, redis_server, url_of

MEBIBYTE = 1024 * 1024
BAR_MEBIBYTES = 600
BAR_SECONDS = 1.0
# An attacker that does not stop by itself.
GRACE_SECONDS = 30.0


class Result(NamedTuple):
    """What an attack did."""

    attack: str
    peak_mebibytes: int
    slowest_seconds: float
    median_milliseconds: float
    failures: int
    answers: int

    @property
    def is_missed(self) -> bool:
        """Return whether a bar is missed."""
        return self.peak_mebibytes > BAR_MEBIBYTES or self.slowest_seconds > BAR_SECONDS or self.failures > 0


def measure(name: str, environment: dict[str, str], organization: Organization, chosen: argparse.Namespace) -> Result:
    """Run one attack on a new service process."""
    with serving("service.server", environment, "/health/ready") as service:
        hook = connected(service.port, organization)
        command = [sys.executable, "-m", "tests.benchmarks.attacks.attacker", name, str(service.port), hook.path]
        with Others(service.port, organization.headers, service.process) as others:
            subprocess.run(
                [*command, str(chosen.connections), str(chosen.seconds)],
                check=False,
                timeout=chosen.seconds + GRACE_SECONDS,
            )
    taken = sorted(others.seconds)
    return Result(
        name,
        round(others.peak_bytes / MEBIBYTE),
        round(taken[-1], 3),
        round(1000 * taken[len(taken) // 2], 1),
        others.failures,
        len(taken),
    )


def run(names: Sequence[str], chosen: argparse.Namespace) -> list[Result]:
    """Run the attacks, one after the other."""
    with postgres() as socket_folder, redis_server() as redis_url:
        organization = asyncio.run(prepared(socket_folder))
        environment = {
            "DATABASE_URL": url_of(socket_folder, DATABASE),
            "REDIS_URL": redis_url,
            "SHIPLEDGER_SECRET_KEY": MASTER_SECRET,
        }
        results = []
        for name in names:
            results.append(measure(name, environment, organization, chosen))
            if not chosen.json:
                show(results[-1])
        return results


def show(result: Result) -> None:
    """Print the figures of an attack."""
    click.echo(
        f"{'MISSED' if result.is_missed else 'ok    '} {result.attack}: {result.peak_mebibytes} MiB (bar "
        f"{BAR_MEBIBYTES}), others' slowest answer after {result.slowest_seconds} s (bar {BAR_SECONDS}), half within "
        f"{result.median_milliseconds} ms, {result.failures} of {result.answers} without an answer"
    )


def main() -> int:
    """Run the command; return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.attacks", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*ATTACKS, []], help="attacks (default: all)")
    parser.add_argument("--seconds", type=float, default=60.0, help="seconds per attack (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=500, help="connections at once (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    chosen = parser.parse_args()
    results = run(chosen.names or list(ATTACKS), chosen)
    if chosen.json:
        click.echo(json.dumps([each._asdict() for each in results]))
    return int(any(each.is_missed for each in results))


if __name__ == "__main__":
    sys.exit(main())
