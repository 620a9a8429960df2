"""The ledger rows and rollup of a team's days, replaced as a whole."""

from collections.abc import Collection
from datetime import date

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.attribution.ledger import AttributionRows, Ledger, RollupRows
from workers.stores.ledger.invalidate_weeks import mark_spent
from workers.stores.spend.stale import note_days

# A large ledger is sent in parts, so that it is never held as single values at once.
CHUNK = 20_000

_AMOUNTS = (*TOKEN_KINDS, "cost_nano_usd")
# Columns in the order of `values` of rows and rollup.
COLUMNS = {
    "attribution": ("day", "hour", "window_id", "artifact_id", "evidence", *_AMOUNTS),
    "attribution_rollup": ("day", "artifact_id", "evidence", "model", "workflow", *_AMOUNTS),
}


async def replace(tenant: Tenant, team_id: int, days: Collection[date], ledger: Ledger) -> None:
    """Replace settled days; the ledger holds rows of these days only."""
    await mark_spent(tenant, team_id, days)
    for table in COLUMNS:
        await tenant.execute(
            f"DELETE FROM {table} WHERE organization_id = $1 AND team_id = $2 AND day = ANY($3::date[])",  # noqa: S608 - fixed names
            team_id,
            sorted(days),
        )
    await _write(tenant, "attribution", team_id, ledger.rows, ledger.method)
    await _write(tenant, "attribution_rollup", team_id, ledger.rollup, ledger.method)
    await mark_spent(tenant, team_id, days)
    await note_days(tenant, team_id, days)


async def _write(tenant: Tenant, table: str, team_id: int, rows: AttributionRows | RollupRows, method: str) -> None:
    """Write rows by COPY, through a temporary table because row-level security forbids COPY into others."""
    if not len(rows):
        return
    columns = COLUMNS[table]
    staging, names = f"settled_{table}", ", ".join(columns)
    await tenant.connection.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS"  # noqa: S608 - fixed names
        f" AS SELECT {names} FROM {table} WITH NO DATA"
    )
    # The same transaction may have written before.
    await tenant.connection.execute(f"TRUNCATE {staging}")
    for start in range(0, len(rows), CHUNK):
        await tenant.connection.copy_records_to_table(
            staging, records=rows.values(start, start + CHUNK), columns=columns
        )
    await tenant.execute(
        f"INSERT INTO {table} (organization_id, team_id, method, {names})"  # noqa: S608 - fixed names
        f" SELECT $1, $2, $3, {names} FROM {staging}",
        team_id,
        method,
    )
