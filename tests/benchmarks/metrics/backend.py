"""CPU time of the PostgreSQL process behind a connection, which other load on the machine hardly changes."""

from pathlib import Path

import psutil

from schema.database import Database


async def backend_of(database: Database) -> psutil.Process:
    """Return the process of the only connection of a pool."""
    async with database.operator() as connection:
        return psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))


def cpu_seconds(backend: psutil.Process) -> float:
    """Return the CPU seconds that a process has used so far, in nanoseconds where the kernel counts them."""
    counted = Path(f"/proc/{backend.pid}/schedstat")
    if counted.exists():
        return int(counted.read_text().split()[0]) / 1e9
    used = backend.cpu_times()
    return used.user + used.system
