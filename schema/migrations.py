"""Bringing a database to the newest revision, and telling where it stands."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from schema.database import UNREACHABLE
from schema.errors import SetUpError

# In a checkout the migrations are the top-level folder; a wheel carries them inside this package.
_PLACES = (Path(__file__).parent / "_alembic", Path(__file__).parent.parent / "alembic")
CONNECT_SECONDS = 5


def sqlalchemy_url(database_url: str) -> str:
    """The same database for SQLAlchemy, over asyncpg."""
    scheme, _, rest = database_url.partition("://")
    if scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise SetUpError("DATABASE_URL must begin with postgresql://")
    return f"postgresql+asyncpg://{rest}"


def _config(database_url: str | None = None) -> Config:
    place = next((place for place in _PLACES if (place / "env.py").exists()), None)
    if place is None:
        raise SetUpError("the migrations are missing from this installation; install shipledger again")
    config = Config()
    config.set_main_option("script_location", str(place))
    if database_url is not None:
        config.attributes["database_url"] = database_url
    return config


def head() -> str:
    """The newest revision that this code knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise SetUpError("this installation has no migrations; install shipledger again")
    return revision


def pending(current_revision: str | None) -> list[str]:
    """What would run from a revision on, oldest first, one line each."""
    script = ScriptDirectory.from_config(_config())
    steps = script.iterate_revisions("head", current_revision or "base")
    return [f"{step.revision} {step.doc}" for step in reversed(list(steps))]


async def current(database_url: str) -> str | None:
    """The revision of a database, None when it has none; raises SetUpError when it cannot be reached."""
    try:
        connection = await asyncpg.connect(database_url, timeout=CONNECT_SECONDS)
    except (*UNREACHABLE, asyncpg.PostgresError, ValueError) as error:
        raise SetUpError(f"cannot connect to DATABASE_URL ({type(error).__name__}); is PostgreSQL running?") from error
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return revision
    finally:
        await connection.close()


def upgrade(database_url: str, to: str = "head") -> None:
    """Bring a database to the newest revision, or to an older one. Blocks, and runs an event loop of its own.

    Raises SetUpError when the database cannot be reached, or is newer than this code.
    """
    revision = asyncio.run(current(database_url))
    known = {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise SetUpError("the database was migrated by a newer shipledger; install that version or a later one")
    if to == "head" and revision == head():
        # Migrations would load the tables of all of them, a third of the time that a start takes.
        return
    command.upgrade(_config(database_url), to)
