"""Python interpreters on this machine by version."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def find_interpreter(version: str) -> Path | None:
    """Return the Python of a version such as 3.12: on the PATH, from pyenv, or the one that runs the tests."""
    return next(filter(None, _candidates(version)), None)


def _candidates(version: str) -> Iterator[Path | None]:
    name = f"python{version}"
    if shutil.which(name):
        yield _interpreter(name, os.environ)
    if shutil.which("pyenv"):
        kept = subprocess.run(["pyenv", "whence", name], check=False, capture_output=True, text=True).stdout.split()
        for each in kept:
            yield _interpreter(name, {**os.environ, "PYENV_VERSION": each})
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield Path(sys.executable)


def _interpreter(name: str, environment: os._Environ[str] | dict[str, str]) -> Path | None:
    """Return the real path of an interpreter; pyenv's shims fail for versions that are not selected."""
    command = [name, "-c", "import sys; print(sys.executable)"]
    found = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    return Path(found.stdout.strip()) if found.returncode == 0 else None
