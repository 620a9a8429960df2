"""Whether the database has the tables that this code expects."""

from schema.database import Connection


async def is_migrated(connection: Connection) -> bool:
    """Whether any migration has been applied."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return False
    return bool(await connection.fetchval("SELECT count(*) FROM alembic_version"))
