"""What a database holds in one snapshot: rows of each table, and the sums of each organization's ledger."""

from schema.database import Connection
from schema.errors import SetUpError
from service.administration.migrations import read_revision
from service.administration.sql_names import quoted
from service.backups.manifest import Contents, Ledger
from vocabulary.tokens import TOKEN_KINDS

NOT_THE_OWNER = "only the role that owns the tables can read all of them; set SHIPLEDGER_OWNER_DATABASE_URL to its URL"

_IS_OWNER = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('organization')"

_TABLES = """
SELECT relname AS name FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
 ORDER BY relname
"""

_TOKENS = " + ".join(f"COALESCE(SUM({kind}), 0)" for kind in TOKEN_KINDS)
_LEDGERS = f"""
SELECT organization_id, COALESCE(window_tokens, 0) AS window_tokens,
       COALESCE(attributed_tokens, 0) AS attributed_tokens, COALESCE(attributed_nano_usd, 0) AS attributed_nano_usd
  FROM organization
       LEFT JOIN (SELECT organization_id, {_TOKENS} AS window_tokens FROM token_window GROUP BY organization_id) AS own
       USING (organization_id)
       LEFT JOIN (SELECT organization_id, {_TOKENS} AS attributed_tokens, SUM(cost_nano_usd) AS attributed_nano_usd
                    FROM attribution GROUP BY organization_id) AS spent
       USING (organization_id)
 ORDER BY organization_id
"""  # noqa: S608 - only names of columns


async def read_contents(connection: Connection) -> Contents:
    """Read what the transaction of an operator sees. Raises SetUpError unless it sees every row."""
    revision = await read_revision(connection)
    if revision is None:
        raise SetUpError("the database has no tables of shipledger; correct DATABASE_URL")
    if not await connection.fetchval(_IS_OWNER):
        raise SetUpError(NOT_THE_OWNER)
    return Contents(revision, await count_rows(connection), await _ledgers(connection))


async def count_rows(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table; empty for an empty database."""
    names = [row["name"] for row in await connection.fetch(_TABLES)]
    return {name: await connection.fetchval(f"SELECT count(*) FROM {quoted(name)}") for name in names}  # noqa: S608 - a quoted name


async def _ledgers(connection: Connection) -> list[Ledger]:
    rows = await connection.fetch(_LEDGERS)
    return [Ledger(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]
