"""Run migrations over asyncpg, in one process at a time, without waiting behind long transactions."""

import asyncio
import os

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from schema.tables import METADATA

# Any constant works, as long as every migrating process uses the same.
ADVISORY_LOCK = 5_417_201


def is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether `alembic revision` compares a name with the models; workers create partitions, so not those."""
    return not (kind == "table" and name is not None and name.startswith("token_event_"))


def run(connection: Connection) -> None:
    """Migrate on an open connection, with timeouts so that running code is not blocked for long."""
    connection.execute(text(f"SELECT pg_advisory_lock({ADVISORY_LOCK})"))
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=METADATA, include_name=is_declared, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


async def main() -> None:
    """Connect to the caller's database, or to that of the environment as the owner of the tables."""
    url = (
        context.config.attributes.get("database_url")
        or os.environ.get("SHIPLEDGER_OWNER_DATABASE_URL")
        or os.environ["DATABASE_URL"]
    )
    # asyncpg reads the URL itself: SQLAlchemy knows neither sslmode nor several hosts.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=METADATA, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
