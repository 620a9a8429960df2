"""Fuzz every parser of what comes from outside, each target in its own process.

    .venv/bin/python -m tests.fuzz [TARGET ...] [--inputs 400000] [--seconds 60] [--seed 1] [--engine atheris]

`mutate` changes recorded bodies at random: quick, everywhere, and the same inputs for the same seed. `atheris` measures
which code an input reaches and looks for more: slower, and only where its wheel exists (Linux on x86-64). An input
fails if the parser raises anything but its documented errors, or takes over a second of CPU time, or if the process
exceeds 600 MiB. Exits with 1 if one failed.
"""

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from tests.fuzz.run_one import targets


def run_all(names: Sequence[str], arguments: Sequence[str], processes: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Fuzz targets side by side; yield the figures of each, and what it wrote about a failure."""

    def run(name: str) -> tuple[dict[str, Any], str]:
        command = [sys.executable, "-m", "tests.fuzz.run_one", name, *arguments]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [line for line in finished.stdout.splitlines() if line.startswith("{")]
        figures = json.loads(lines[-1]) if lines else {"target": name, "inputs": 0, "failed": True}
        figures["failed"] = bool(figures["failed"] or finished.returncode)
        return figures, finished.stderr if figures["failed"] else ""

    with ThreadPoolExecutor(processes) as pool:
        yield from pool.map(run, names)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.partition("\n")[0])
    known = sorted(targets())
    parser.add_argument("targets", nargs="*", choices=[*known, []], metavar="TARGET", help=", ".join(known))
    parser.add_argument("--inputs", type=int, default=400_000, help="inputs of each target (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=math.inf, help="longest time of each target")
    parser.add_argument("--seed", type=int, default=1, help="seed of the inputs (default: %(default)s)")
    parser.add_argument("--engine", choices=("mutate", "atheris"), default="mutate", help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2, help="targets at once (default: %(default)s)")
    chosen = parser.parse_args()
    total, failed = 0, 0
    limits = {"inputs": chosen.inputs, "seconds": chosen.seconds, "seed": chosen.seed, "engine": chosen.engine}
    arguments = [text for name, value in limits.items() for text in (f"--{name}", str(value))]
    for figures, wrong in run_all(chosen.targets or known, arguments, chosen.processes):
        total += figures["inputs"]
        failed += figures["failed"]
        click.echo(json.dumps(figures))
        sys.stdout.flush()
        sys.stderr.write(wrong)
    click.echo(f"{total:,} inputs, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
