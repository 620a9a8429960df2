"""`make wheels`: check that every locked version has a wheel for each supported Python and platform.

It asks the package index, through uv, what would be installed; nothing is installed.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-embedded.txt", "requirements-dev.txt")
# Debian 10, Ubuntu 20.04 and Red Hat 8 have glibc 2.28 or later; uv assumes macOS 13 or later.
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
}
_CLASSIFIER = "Programming Language :: Python :: "


def supported_pythons() -> list[str]:
    """Return the Python versions in pyproject.toml, such as 3.11."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [name.removeprefix(_CLASSIFIER) for name in project["classifiers"] if name.startswith(f"{_CLASSIFIER}3.")]


def find_missing(lock: str, platform: str, python: str) -> str | None:
    """Return why a lock file cannot be installed from wheels alone; None if it can."""
    uv = Path(sys.executable).with_name("uv")
    arguments = [
        *("pip", "install", "--quiet", "--dry-run", "--require-hashes", "--no-build", "--requirement", lock),
        *("--python-platform", platform, "--python-version", python),
    ]
    # An empty target, so that packages installed on this machine do not count.
    with tempfile.TemporaryDirectory() as empty:
        found = subprocess.run(
            [uv, *arguments, "--target", empty],
            cwd=ROOT,
            env={**os.environ, "NO_COLOR": "1"},
            check=False,
            capture_output=True,
            text=True,
        )
    return found.stderr.strip() if found.returncode else None


def check_all() -> Iterator[tuple[str, str | None]]:
    """Yield each lock file, platform and Python as text, and why it cannot be installed there, if so."""
    for lock in LOCKS:
        for name, platform in PLATFORMS.items():
            for python in supported_pythons():
                yield f"{lock} on {name}, Python {python}", find_missing(lock, platform, python)


@click.command()
def main() -> None:
    """Print a line for each combination and exit with 1 if a wheel is missing."""
    missing = 0
    for where, reason in check_all():
        click.echo(f"{'ok' if reason is None else 'MISSING':8} {where}" + (f"\n{reason}" if reason else ""))
        missing += reason is not None
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
