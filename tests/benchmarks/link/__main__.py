"""Milliseconds that the link adds to `git commit`, and whether anything is lost or printed.

    .venv/bin/python -m tests.benchmarks.link [--commits 300] [--outage 600] [--json]

Two homes with one clone each: one as git is, one with the link. Commits alternate between them, as an agent makes them,
so that other load on the machine affects both; the next one begins when the record of the last one has arrived. The
added time is the difference of each pair; p50 and p95 over the pairs. CPU time is that of git and of what it waits for,
and holds beside other load too. The service is a receiver on loopback; it is away for `--outage` seconds, while commits
go on.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple
from unittest import mock

import click

from tests.harness.evidence_receiver import Receiver, receiving
from tests.harness.linked_home import AGENT, Home, make_home

BAR_MILLISECONDS = 20.0
WARM_UP = 20
COMMIT = ("git", "commit", "--quiet", "--allow-empty", "--message", "x")
AFTER_OUTAGE_SECONDS = 90


class Taken(NamedTuple):
    """Milliseconds of a commit, by the clock and of the processor, and the bytes that it printed."""

    wall: float
    processor: float
    printed: int


def timed_commit(home: Home, environment: dict[str, str]) -> Taken:
    """Make a commit."""
    before = os.times()
    begin = time.perf_counter()
    done = subprocess.run(COMMIT, cwd=home.work, env=environment, capture_output=True, check=True)
    wall = time.perf_counter() - begin
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(wall * 1000, processor * 1000, len(done.stdout) + len(done.stderr))


def paired(bare: Home, linked: Home, receiver: Receiver, commits: int) -> dict[str, Any]:
    """Return the milliseconds of commits without and with the link."""
    environments = {home: home.environment(**AGENT) for home in (bare, linked)}
    pairs = []
    for number in range(WARM_UP + commits):
        # Who goes first alternates too.
        order = (bare, linked) if number % 2 else (linked, bare)
        taken = {}
        for home in order:
            taken[home] = timed_commit(home, environments[home])
            if home is linked:
                wait_for(receiver, number + 1, AFTER_OUTAGE_SECONDS)
        pairs.append((taken[bare], taken[linked]))
    pairs = pairs[WARM_UP:]
    added = [after.wall - before.wall for before, after in pairs]
    return {
        "commits": commits,
        "git_p50_ms": percentile([before.wall for before, _ in pairs], 50),
        "added_p50_ms": percentile(added, 50),
        "added_p95_ms": percentile(added, 95),
        "added_cpu_mean_ms": round(sum(after.processor - before.processor for before, after in pairs) / commits, 2),
        "bytes_printed": sum(after.printed for _, after in pairs),
    }


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile of milliseconds."""
    return round(quantiles(values, n=100)[percent - 1], 2)


def lost_in_outage(linked: Home, port: int, seconds: float) -> dict[str, Any]:
    """Return how many records of an outage never arrive, or arrive twice."""
    end = time.monotonic() + seconds
    marks: dict[str, Any] = dict(AGENT)
    commits = []
    while time.monotonic() < end:
        commits.append(linked.commit(**marks))
        time.sleep(min(2.0, seconds / 20))
    with receiving(port) as receiver:
        wait_for(receiver, len(commits), AFTER_OUTAGE_SECONDS)
        arrived = [item["commit"] for item in receiver.items]
    return {
        "outage_s": seconds,
        "records": len(commits),
        "lost": len(set(commits) - set(arrived)),
        "twice": len(arrived) - len(set(arrived)),
    }


def wait_for(receiver: Receiver, count: int, seconds: float) -> None:
    """Wait until as many items arrived, or the time is over."""
    end = time.monotonic() + seconds
    while len({item["commit"] for item in receiver.items}) < count and time.monotonic() < end:
        time.sleep(0.05)


def measured(commits: int, outage: float) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ):
        bare, linked = (make_home(Path(folder) / name) for name in ("bare", "linked"))
        os.environ.pop("XDG_STATE_HOME", None)
        os.environ.update(linked.environment())
        with receiving() as receiver:
            port = int(receiver.url.rsplit(":", 1)[1])
            linked.install(receiver.url)
            figures = paired(bare, linked, receiver, commits)
            figures["arrived"] = len({item["commit"] for item in receiver.items}) - WARM_UP
        return {**figures, **lost_in_outage(linked, port, outage)}


def main() -> None:
    """Measure, print, and exit with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=300)
    parser.add_argument("--outage", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measured(arguments.commits, arguments.outage)
    is_good = (
        figures["added_p95_ms"] < BAR_MILLISECONDS
        and figures["arrived"] == figures["commits"]
        and not (figures["lost"] or figures["bytes_printed"])
    )
    if arguments.json:
        click.echo(json.dumps(figures))
    else:
        click.echo("\n".join(f"{name:<18} {value}" for name, value in figures.items()))
        click.echo(
            "meets the bars" if is_good else f"misses a bar: < {BAR_MILLISECONDS} ms, nothing lost, nothing printed"
        )
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
