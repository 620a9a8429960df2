"""The revisions of the database's tables: which one a database has, and how it gets the newest."""

import asyncio
import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from schema.database import UNREACHABLE
from schema.errors import SetUpError

# In a checkout the migrations are the top-level folder; a wheel carries them inside this package.
_PLACES = (Path(__file__).parent / "_alembic", Path(__file__).parent.parent / "alembic")
# Revisions are instants such as 202611300530; those of versions before 0.1.0 were numbers such as 0035.
_BEFORE_FIRST_RELEASE = re.compile(r"\d{4}")
CONNECT_SECONDS = 5


class MigrationState(StrEnum):
    """Whether this code can work with a database; the value says what to do about it."""

    UP_TO_DATE = "up to date"
    BEHIND = "run: shipledger migrate"
    NEWER = "This database was migrated by a newer version of shipledger; install that version or a later one."
    UNSUPPORTED = (
        "This database was made by a version before 0.1.0 and cannot be upgraded; set DATABASE_URL to a new database,"
        " or start `shipledger up` with --data and a new folder."
    )


def sqlalchemy_url(database_url: str) -> str:
    """The same database for SQLAlchemy, over asyncpg."""
    scheme, _, rest = database_url.partition("://")
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise SetUpError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+asyncpg://{rest}"


def head() -> str:
    """The newest revision that this code knows."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise SetUpError("the migrations are missing from this installation; install shipledger again")
    return revision


@cache
def state_of(revision: str | None) -> MigrationState:
    """Whether this code can work with a database of a revision."""
    if revision == head():
        return MigrationState.UP_TO_DATE
    if revision is None or revision in {script.revision for script in _scripts().walk_revisions()}:
        return MigrationState.BEHIND
    return MigrationState.UNSUPPORTED if _BEFORE_FIRST_RELEASE.fullmatch(revision) else MigrationState.NEWER


def pending(current_revision: str | None) -> list[str]:
    """What would run from a revision on, oldest first, one line each.

    Raises SetUpError when no migration leads from there to the newest.
    """
    if (state := state_of(current_revision)) in {MigrationState.NEWER, MigrationState.UNSUPPORTED}:
        raise SetUpError(state.value)
    steps = _scripts().iterate_revisions("head", current_revision or "base")
    return [f"{step.revision} {step.doc}" for step in reversed(list(steps))]


async def read_revision(connection: asyncpg.Connection) -> str | None:
    """The revision of a database; None before its first migration."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


async def current(database_url: str) -> str | None:
    """The revision of a database; None before its first migration. Raises SetUpError when it cannot be reached."""
    try:
        connection = await asyncpg.connect(database_url, timeout=CONNECT_SECONDS)
    except (*UNREACHABLE, asyncpg.PostgresError, ValueError) as error:
        raise SetUpError(f"cannot connect to DATABASE_URL ({type(error).__name__}); is PostgreSQL running?") from error
    try:
        return await read_revision(connection)
    finally:
        await connection.close()


def upgrade(database_url: str) -> None:
    """Bring a database to the newest revision. Blocks, and runs an event loop of its own.

    Raises SetUpError when the database cannot be reached, is newer than this code, or older than version 0.1.0.
    """
    # Where nothing is pending, no migration is run: it would load the tables, a third of the time that a start takes.
    if pending(asyncio.run(current(database_url))):
        command.upgrade(alembic_config(database_url), "head")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def alembic_config(database_url: str | None = None) -> Config:
    """Where the migrations are, and the database that they run on."""
    place = next((place for place in _PLACES if (place / "env.py").exists()), None)
    if place is None:
        raise SetUpError("the migrations are missing from this installation; install shipledger again")
    config = Config()
    config.set_main_option("script_location", str(place))
    if database_url is not None:
        config.attributes["database_url"] = database_url
    return config
