"""Whether the database has the tables that this code expects."""

from functools import cache

from alembic.script.revision import RevisionError

from schema import migrations
from schema.database import Connection


async def is_migrated(connection: Connection) -> bool:
    """Whether the newest migration of this code was applied; a database of a newer version counts too."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return False
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision is not None and not is_behind(revision)


@cache
def is_behind(revision: str) -> bool:
    """Whether migrations remain to be applied after a revision; none do after one that only newer code knows."""
    try:
        return bool(migrations.pending(revision))
    except RevisionError:
        return False
