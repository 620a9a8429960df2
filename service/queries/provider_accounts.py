"""Accounts at providers whose reports are pulled: made, listed and closed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import asyncpg

from schema.database import Connection

_COLUMNS = "account_id AS id, provider, next_day, state, failure, next_attempt_at, created_at"

_INSERT = f"""
    INSERT INTO provider_account (organization_id, account_id, provider, sealed_key, next_day)
    VALUES ($1, $2, $3, $4, $5)
    RETURNING {_COLUMNS}
"""  # noqa: S608 - the names of our own columns

_LIST = f"SELECT {_COLUMNS} FROM provider_account WHERE organization_id = $1 ORDER BY created_at, account_id"  # noqa: S608 - ours

# What was pulled stays, and the account with it, since its usage is told by it; its key does not.
_CLOSE = """
    UPDATE provider_account SET state = 'closed', sealed_key = '', failure = NULL
    WHERE organization_id = $1 AND account_id = $2
    RETURNING 1
"""


async def add_account(
    connection: Connection, organization_id: int, provider: str, sealed_key: bytes, next_day: date
) -> asyncpg.Record:
    """Make an account; id, provider, next_day, state, failure, next_attempt_at and created_at of it."""
    row: asyncpg.Record = await connection.fetchrow(_INSERT, organization_id, uuid4(), provider, sealed_key, next_day)
    return row


async def list_accounts(connection: Connection, organization_id: int) -> Sequence[asyncpg.Record]:
    """All accounts, oldest first, as `add_account` gives them."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(_LIST, organization_id)
    return rows


async def close_account(connection: Connection, organization_id: int, account_id: UUID) -> bool:
    """Forget an account's key and ask no more; False when there is no such account."""
    return bool(await connection.fetchval(_CLOSE, organization_id, account_id))
