"""Runs migrations over asyncpg, one process at a time, without ever queueing behind a long transaction."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from schema.migrations import sqlalchemy_url
from schema.tables import METADATA

# Any constant will do; two migrating processes must only agree on it.
ADVISORY_LOCK = 5_417_201


def is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether `alembic revision` compares it with the models: partitions are made by workers."""
    return not (kind == "table" and name is not None and name.startswith("token_event_"))


def run(connection: Connection) -> None:
    """Migrate on an open connection; the session's timeouts keep running code unharmed."""
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
    """Connect to the database that the caller named, or to DATABASE_URL."""
    url = context.config.attributes.get("database_url") or os.environ["DATABASE_URL"]
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=METADATA, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
