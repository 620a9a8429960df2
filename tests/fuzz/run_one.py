"""Fuzz one target in this process: `python -m tests.fuzz.run_one NAME --inputs N --seed N --engine atheris|mutate`.

Prints one line of JSON with the inputs, the slowest of them and the peak of memory. Exits with 1 and the input as
hexadecimal digits where the parser raises, takes longer than a second, or the process exceeds its memory.
"""

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from tests.fuzz.target import Target, check_memory, peak_mebibytes, stop_watching, watch

MEMORY_MEBIBYTES = 600
CHECK_EVERY = 4096
PACKAGES = ["schema", "service", "vocabulary", "workers"]
# Values that break parsers more often than random ones.
ODD = (
    b"\0",
    b"\xff",
    b"\x7f",
    b'"',
    b"{",
    b"[",
    b"\\u0000",
    b"\xff\xff\xff\xff\x0f",
    b"9" * 30,
    b"\n",
    b"\xed\xa0\x80",
)


class Counting:
    """Runs inputs of a target, and counts them."""

    def __init__(self, target: Target, inputs: int, seconds: float) -> None:
        self.target, self.wanted, self.seconds, self.done = target, inputs, seconds, 0
        self.slowest, self.failed = 0.0, False
        self.before, self.begun = peak_mebibytes(), time.monotonic()

    def run(self, data: bytes) -> None:
        """Run one input; report the first that fails."""
        self.done += 1
        try:
            self.slowest = max(self.slowest, self.target.check(data))
            if self.done % CHECK_EVERY == 0:
                check_memory(MEMORY_MEBIBYTES)
        except Exception:  # whatever a parser raises is a finding: print its input, then raise it again
            self.failed = True
            traceback.print_exc()
            digits = data.hex() if len(data) <= 2 * self.target.longest else f"{len(data)} bytes"
            sys.stderr.write(f"input of {self.target.name}: {digits}\n")
            raise

    @property
    def is_done(self) -> bool:
        """Whether enough inputs were run, or for long enough."""
        return self.done >= self.wanted or time.monotonic() - self.begun > self.seconds

    def report(self) -> str:
        """Return the figures as JSON."""
        figures = {
            "target": self.target.name,
            "inputs": self.done,
            "seconds": round(time.monotonic() - self.begun, 1),
            "slowest_milliseconds": round(1000 * self.slowest, 1),
            "memory_mebibytes": round(peak_mebibytes()),
            "grown_mebibytes": round(peak_mebibytes() - self.before),
            "failed": self.failed,
        }
        return json.dumps(figures)


def mutate(counting: Counting, seed: int) -> None:
    """Run the seeds, then changed seeds and random bytes, without regard to what they reach; the same for each seed."""
    draw = random.Random(f"{counting.target.name}/{seed}")
    seeds = list(counting.target.seeds())
    for each in seeds:
        counting.run(each)
    longest = counting.target.longest
    while not counting.is_done:
        if draw.random() < 0.5:
            data = draw.randbytes(draw.randrange(min(longest, 256)))
        else:
            data = _changed(draw.choice(seeds), seeds, draw)[:longest]
        counting.run(data)


def _changed(data: bytes, seeds: Sequence[bytes], draw: random.Random) -> bytes:
    for _ in range(draw.randrange(1, 6)):
        place, end = sorted((draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)))
        kind = draw.randrange(6)
        if kind == 0:
            data = data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :]
        elif kind == 1:
            data = data[:place] + data[min(end, place + 64) :]
        elif kind == 2:
            data = data[:place] + data[place:end][:64] * draw.choice((2, 3, 20)) + data[place:]
        elif kind == 3:
            data = data[:place] + draw.choice(ODD) + data[place:]
        elif kind == 4:
            other = draw.choice(seeds)
            data = data[:place] + other[draw.randrange(len(other) + 1) :]
        else:
            data = data[:end]
    return data


def explore(name: str, inputs: int, seconds: float, seed: int) -> None:
    """Let atheris look for inputs that reach more of the code, which it has instrumented; ends the process."""
    import atheris

    with atheris.instrument_imports(include=[*PACKAGES, "tests.fuzz.targets"]):
        target = targets()[name]
    counting = Counting(target, inputs, seconds)

    def run(data: bytes) -> None:
        counting.run(data)
        if counting.is_done:
            # libFuzzer would end the process without a report.
            show(counting)
            os._exit(0)

    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, each in enumerate(target.seeds()):
            Path(folder, f"{number:04d}").write_bytes(each)
        limits = [f"-max_len={target.longest}", f"-rss_limit_mb={2 * MEMORY_MEBIBYTES}", "-timeout=5", f"-seed={seed}"]
        atheris.Setup(["fuzz", folder, *limits, "-verbosity=0", "-artifact_prefix=/dev/null"], run)
        atheris.Fuzz()


def show(counting: Counting) -> None:
    """Print the figures."""
    click.echo(counting.report())
    sys.stdout.flush()


def targets() -> dict[str, Target]:
    """Return every target; importing them imports what they test."""
    from tests.fuzz.targets import TARGETS

    return TARGETS


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run_one", description=__doc__.partition("\n")[0])
    parser.add_argument("target")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("atheris", "mutate"), default="mutate")
    chosen = parser.parse_args()
    watch()
    if chosen.engine == "atheris":
        explore(chosen.target, chosen.inputs, chosen.seconds, chosen.seed)
    counting = Counting(targets()[chosen.target], chosen.inputs, chosen.seconds)
    with suppress(Exception):  # reported by the counting
        mutate(counting, chosen.seed)
    stop_watching()
    show(counting)
    return int(counting.failed)


if __name__ == "__main__":
    sys.exit(main())
