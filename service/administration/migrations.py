"""Revisions of the database schema: the current one, the pending ones, and the upgrade."""

import asyncio
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import schema
from schema.database import CONNECT_SECONDS
from schema.errors import SetUpError
from schema.outages import DATABASE_ERRORS, Outage, connect_outage, outage_of
from service.administration.roles import set_up_roles

# A checkout has the migrations in a top-level folder, a wheel inside this package.
_SCHEMA = Path(schema.__file__).parent
_PLACES = (_SCHEMA / "_alembic", _SCHEMA.parent / "alembic")
# Revisions are times such as 202611300530; before version 0.1.0 they were numbers such as 0035.
_BEFORE_FIRST_RELEASE = re.compile(r"\d{4}")
NOT_THE_OWNER = (
    "only the role that owns the tables can migrate them; set SHIPLEDGER_OWNER_DATABASE_URL to its URL, and run:"
    " shipledger migrate"
)


class MigrationState(StrEnum):
    """Whether this code works with a database. The value says what to do."""

    UP_TO_DATE = "up to date"
    BEHIND = "run: shipledger migrate"
    NEWER = "This database was migrated by a newer version of shipledger; install that version or a later one."
    UNSUPPORTED = (
        "This database was made by a version before 0.1.0 and cannot be upgraded; set DATABASE_URL to a new database,"
        " or start `shipledger up` with --data and a new folder."
    )


def head() -> str:
    """Return the newest revision of this installation."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise SetUpError("the migrations are missing from this installation; install shipledger again")
    return revision


@cache
def state_of(revision: str | None) -> MigrationState:
    """Return whether this code works with a database at a revision."""
    if revision == head():
        return MigrationState.UP_TO_DATE
    if revision is None or revision in {script.revision for script in _scripts().walk_revisions()}:
        return MigrationState.BEHIND
    return MigrationState.UNSUPPORTED if _BEFORE_FIRST_RELEASE.fullmatch(revision) else MigrationState.NEWER


def pending(current_revision: str | None) -> list[str]:
    """Return the migrations after a revision, oldest first, one line each.

    Raises SetUpError if the database cannot be upgraded from there.
    """
    if (state := state_of(current_revision)) in {MigrationState.NEWER, MigrationState.UNSUPPORTED}:
        raise SetUpError(state.value)
    steps = _scripts().iterate_revisions("head", current_revision or "base")
    return [f"{step.revision} {step.doc}" for step in reversed(list(steps))]


async def read_revision(connection: asyncpg.Connection) -> str | None:
    """Return the revision of a database; None before its first migration."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


async def current(database_url: str) -> str | None:
    """Return the revision of a database; None before its first migration. Raises SetUpError if it is unreachable."""
    try:
        connection = await asyncpg.connect(database_url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS as error:
        raise SetUpError(connect_outage(error).explained(error)) from error
    try:
        return await read_revision(connection)
    finally:
        await connection.close()


def upgrade(database_url: str, known_passwords: Mapping[str, str] | None = None) -> list[str]:
    """Upgrade a database to the newest revision, and set up its roles. Blocks and runs its own event loop.

    Returns the statements that a superuser must run for the roles. Raises SetUpError if the database is unreachable or
    goes away, newer than this code, or older than version 0.1.0, and if the role in the URL does not own its tables.
    """
    # Running alembic loads the tables, which takes a third of the start-up time, so skip it if nothing is pending.
    if pending(asyncio.run(current(database_url))):
        try:
            command.upgrade(alembic_config(database_url), "head")
        except (DBAPIError, *DATABASE_ERRORS) as error:
            if (detail := _what_stopped(error)) is None:
                raise
            raise SetUpError(detail) from error
    return asyncio.run(set_up_roles(database_url, known_passwords))


def _what_stopped(error: BaseException) -> str | None:
    """Return what stopped a migration and what to do; None for a mistake in it."""
    cause = (error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else None) or error
    if isinstance(cause, asyncpg.InsufficientPrivilegeError):
        return NOT_THE_OWNER
    outage = outage_of(cause)
    return None if outage is None or outage is Outage.NOT_MIGRATED else outage.explained(cause)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def alembic_config(database_url: str | None = None) -> Config:
    """Return the configuration for the migrations of this installation, and optionally a database to run them on."""
    place = next((place for place in _PLACES if (place / "env.py").exists()), None)
    if place is None:
        raise SetUpError("the migrations are missing from this installation; install shipledger again")
    config = Config()
    config.set_main_option("script_location", str(place))
    if database_url is not None:
        config.attributes["database_url"] = database_url
    return config
