"""One run of a command: wall time, processor time and memory, of it and the processes that it waits for."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parents[3]
MEGABYTE = 1_000_000


class Run(NamedTuple):
    """What a run took, and what it printed as JSON. Memory is that of the largest process."""

    wall_seconds: float
    cpu_seconds: float
    memory_mb: float
    printed: dict[str, Any]


class Medians(NamedTuple):
    """Medians of several runs, and the number of tokens that all of them found."""

    wall_seconds: float
    cpu_seconds: float
    memory_mb: float
    tokens: int


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> Run:
    """Run a command that prints JSON. Raises RuntimeError if it fails."""
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.DEVNULL, cwd=PROJECT, env={**os.environ, **environment}
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}")
        output.seek(0)
        printed = json.loads(output.read())
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / MEGABYTE, printed)


def import_command(folder: Path, *options: str) -> list[str | Path]:
    """Return the command that counts a folder of transcripts."""
    return [sys.executable, "-m", "service.cli.main", "import", "claude-code", folder, "--dry-run", "--json", *options]


def ccusage_command() -> list[str | Path] | None:
    """Return the command of ccusage that counts by day, where the path or npx has it; natively if possible."""
    found = shutil.which("ccusage") or _of_npx()
    if found is None:
        return None
    script = Path(found).resolve()
    native = sorted(script.parents[2].glob("@ccusage/ccusage-*/bin/ccusage"))
    return [native[0] if native else script, "claude", "daily", "--json", "--offline"]


def _of_npx() -> str | None:
    npx = shutil.which("npx")
    if npx is None:
        return None
    # Without a package to install, npx only looks at what is here.
    command = [npx, "--no", "--package", "ccusage", "-c", "command -v ccusage"]
    asked = subprocess.run(command, capture_output=True, check=False, text=True)
    return asked.stdout.strip() or None if asked.returncode == 0 else None


def medians(runs: Sequence[Run]) -> Medians:
    """Return the medians of runs, which must have found the same tokens."""
    (tokens,) = {_tokens(each.printed) for each in runs}
    walls, cpus, memories = zip(*(each[:3] for each in runs), strict=True)
    return Medians(median(walls), median(cpus), median(memories), tokens)


def _tokens(printed: Mapping[str, Any]) -> int:
    tokens: int = printed["tokens"]["total"] if "tokens" in printed else printed["totals"]["totalTokens"]
    return tokens
