"""Backlog: rows that wait for a worker, over all organizations."""

from typing import NamedTuple

from schema.database import Connection

_COUNT = "SELECT name, waiting, dead, oldest_seconds FROM count_backlog()"


class Waiting(NamedTuple):
    """Waiting and dead rows of one table, and the age of the oldest waiting row in seconds."""

    name: str
    waiting: int
    dead: int
    oldest_seconds: float


async def backlog(connection: Connection) -> list[Waiting]:
    """Count rows by table."""
    return [Waiting(*row) for row in await connection.fetch(_COUNT)]
