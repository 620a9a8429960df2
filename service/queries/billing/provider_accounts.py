"""Provider accounts: add, list, renew and close them, and map e-mail addresses to teams."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from hmac import compare_digest
from uuid import UUID, uuid4

import asyncpg

from schema.database import Tenant, rows_as_columns
from schema.encryption import Vault
from schema.errors import BadInputError

_INSERT = """
    INSERT INTO provider_account (organization_id, account_id, provider, sealed_key, next_day, team_id, base_url, scope)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_LIST = """
    SELECT account_id AS id, provider, team.name AS team, base_url, scope, next_day, state, failure, next_attempt_at,
           account.created_at,
           (SELECT count(*) FROM account_member AS member
             WHERE member.organization_id = $1 AND member.account_id = account.account_id) AS members
    FROM provider_account AS account
    LEFT JOIN team ON team.organization_id = $1 AND team.team_id = account.team_id
    WHERE account.organization_id = $1 AND ($2::uuid IS NULL OR account_id = $2)
    ORDER BY account.created_at, account_id
"""

_FIND_TEAMS = """
    SELECT telemetry_id, team_id FROM team_telemetry WHERE organization_id = $1 AND telemetry_id = ANY($2::text[])
    UNION ALL
    SELECT name, team_id FROM team WHERE organization_id = $1 AND name = ANY($2::text[])
"""

_FORGET_MEMBERS = "DELETE FROM account_member WHERE organization_id = $1 AND account_id = $2"

_SAVE_MEMBERS = """
    INSERT INTO account_member (organization_id, account_id, member, team_id)
    SELECT $1, $2, item.* FROM unnest($3::bytea[], $4::bigint[]) AS item
"""

_IS_OPEN = "SELECT state <> 'closed' FROM provider_account WHERE organization_id = $1 AND account_id = $2 FOR UPDATE"

_RENEW = """
    UPDATE provider_account
    SET sealed_key = $3, next_day = coalesce($4, next_day), state = 'waiting', attempts = 0, failure = NULL,
        next_attempt_at = now()
    WHERE organization_id = $1 AND account_id = $2 AND state <> 'closed'
    RETURNING 1
"""

# Until the transaction ends, so that two requests cannot add the same account.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('provider_account', $1::bigint))"

_OPEN = """
    SELECT account_id, sealed_key, base_url, scope FROM provider_account
    WHERE organization_id = $1 AND provider = $2 AND state <> 'closed' AND sealed_key <> ''
    ORDER BY created_at, account_id
"""

# The account stays because its usage rows refer to it; its key is deleted.
_CLOSE = """
    UPDATE provider_account SET state = 'closed', sealed_key = '', failure = NULL
    WHERE organization_id = $1 AND account_id = $2
    RETURNING 1
"""


async def find_same_account(
    tenant: Tenant, vault: Vault, *, provider: str, key: str, base_url: str | None, scope: str | None
) -> UUID | None:
    """Return the open account with the same key, or of the same owner at the provider; locks out other additions."""
    await tenant.execute(_LOCK)
    for row in await tenant.fetch(_OPEN, provider):
        has_same_key = compare_digest(vault.open(tenant.organization_id, row["sealed_key"]), key.encode())
        if has_same_key or (scope is not None and (row["scope"], row["base_url"]) == (scope, base_url)):
            account_id: UUID = row["account_id"]
            return account_id
    return None


async def add_account(
    tenant: Tenant,
    *,
    provider: str,
    sealed_key: bytes,
    next_day: date,
    team_id: int | None,
    base_url: str | None,
    scope: str | None,
) -> UUID:
    """Store an account; returns its id."""
    account_id = uuid4()
    await tenant.execute(_INSERT, account_id, provider, sealed_key, next_day, team_id, base_url, scope)
    return account_id


async def list_accounts(tenant: Tenant, account_id: UUID | None = None) -> Sequence[asyncpg.Record]:
    """Return all accounts, oldest first, or one of them."""
    rows: Sequence[asyncpg.Record] = await tenant.fetch(_LIST, account_id)
    return rows


async def find_teams(tenant: Tenant, names: Collection[str], field: str) -> dict[str, int]:
    """Return team ids by name or telemetry id; raises BadInputError for an unknown team."""
    names = sorted(set(names))
    found: dict[str, int] = dict(await tenant.fetch(_FIND_TEAMS, names))
    if any(name not in found for name in names):
        # The error does not repeat the name: it could be a person's.
        raise BadInputError("must be an existing team; create it with POST /api/v1/teams", field=field)
    return found


async def replace_members(tenant: Tenant, account_id: UUID, members: Mapping[bytes, int]) -> bool:
    """Replace an account's map of hashed e-mail addresses to team ids; False if there is no such open account."""
    if not await tenant.fetchval(_IS_OPEN, account_id):
        return False
    await tenant.execute(_FORGET_MEMBERS, account_id)
    if members:
        await tenant.execute(_SAVE_MEMBERS, account_id, *rows_as_columns(sorted(members.items())))
    return True


async def renew_account(tenant: Tenant, account_id: UUID, sealed_key: bytes, next_day: date | None) -> bool:
    """Replace an account's key, and optionally the next day to pull; False if there is no such open account."""
    return bool(await tenant.fetchval(_RENEW, account_id, sealed_key, next_day))


async def close_account(tenant: Tenant, account_id: UUID) -> bool:
    """Delete an account's key and members, and stop pulling; False if there is no such account."""
    if not await tenant.fetchval(_CLOSE, account_id):
        return False
    await tenant.execute(_FORGET_MEMBERS, account_id)
    return True
