"""Checks of PostgreSQL: reachable, supported version, row-level security, migrations, secret key, clock."""

from datetime import UTC, datetime

import asyncpg

from key_services.configured import has_keys, ring_of
from schema.database import CONNECT_SECONDS
from schema.errors import SetUpError
from schema.organization_keys import organization_vault
from schema.outages import DATABASE_ERRORS, Outage, connect_outage
from schema.settings import Settings
from service.administration import migrations
from service.administration.secret_key import key_fits
from service.diagnosis.finding import Finding, missing, ok, skipped, warning
from service.diagnosis.roles import check_rights, check_roles, has_rights

OLDEST_VERSION = 15
# Deliveries and telemetry carry timestamps; a few seconds do not matter.
HARMLESS_SKEW_SECONDS = 5.0


async def connect(settings: Settings) -> asyncpg.Connection | Finding:
    """Connect to PostgreSQL; returns a finding if that fails."""
    try:
        return await asyncpg.connect(settings.database_url, timeout=CONNECT_SECONDS)
    except DATABASE_ERRORS as error:
        outage = connect_outage(error)
        remedy = outage.remedy
        if outage is Outage.UNREACHABLE:
            remedy += ", or run everything here with: shipledger up"
        return missing("postgresql", f"{outage} at DATABASE_URL ({type(error).__name__})", remedy)


async def has_organizations(connection: asyncpg.Connection) -> bool | None:
    """Return whether anything is stored that the master secret encrypts; None before the database is migrated."""
    if await connection.fetchval("SELECT to_regclass('organization')") is None:
        return False
    if not await has_rights(connection):
        return None
    return bool(await connection.fetchval("SELECT organizations > 0 FROM only_organization()"))


async def check_database(connection: asyncpg.Connection, settings: Settings) -> list[Finding]:
    """Run all checks of a database that answers."""
    version = connection.get_server_version()
    number = str(await connection.fetchval("SHOW server_version")).split(" ", maxsplit=1)[0]
    if version.major < OLDEST_VERSION:
        return [missing("postgresql", number, f"upgrade PostgreSQL to {OLDEST_VERSION} or later")]
    if (without_rights := await check_rights(connection)) is not None:
        return [ok("postgresql", number), without_rights]
    return [
        ok("postgresql", number),
        *await check_roles(connection),
        await check_migrations(connection),
        await _check_secret_key(connection, settings),
        await _check_clock(connection),
    ]


async def check_migrations(connection: asyncpg.Connection) -> Finding:
    """Check that the tables match this version."""
    try:
        head = migrations.head()
    except SetUpError as error:
        return missing("migrations", error.detail, "install shipledger again")
    revision = await migrations.read_revision(connection)
    state = migrations.state_of(revision)
    if state is not migrations.MigrationState.UP_TO_DATE:
        return missing("migrations", f"at {revision or 'nothing'}, but this version needs {head}", state.value)
    return ok("migrations", f"at {head}")


async def _check_secret_key(connection: asyncpg.Connection, settings: Settings) -> Finding:
    """Check that the secret keys decrypt the stored data."""
    name = "secret key fits"
    if not has_keys(settings) or not await has_rights(connection):
        return skipped(name, "secret key and migrations")
    fits = await key_fits(connection, organization_vault(ring_of(settings)))
    if fits is None:
        return ok(name, "no data is stored yet")
    if not fits:
        detail = "SHIPLEDGER_SECRET_KEY does not decrypt the stored data"
        return missing(name, detail, "set SHIPLEDGER_SECRET_KEY to the value that the data was stored with")
    return ok(name, "decrypts the stored data")


async def _check_clock(connection: asyncpg.Connection) -> Finding:
    before = datetime.now(UTC)
    there = await connection.fetchval("SELECT clock_timestamp()")
    after = datetime.now(UTC)
    # PostgreSQL read its clock at some point between our two readings.
    skew = max((there - after).total_seconds(), (before - there).total_seconds(), 0.0)
    if skew > HARMLESS_SKEW_SECONDS:
        return warning("clock", f"differs from PostgreSQL's by {skew:.0f} s", "synchronize both machines with NTP")
    return ok("clock", "agrees with PostgreSQL's")
