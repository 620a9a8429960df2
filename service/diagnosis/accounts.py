"""Check of provider accounts: whether their reports can be fetched."""

import asyncpg

from service.diagnosis.finding import Finding, ok, warning
from service.failures import failure_sentence

_ACCOUNTS = """
SELECT provider, state, failure FROM provider_account
 WHERE state <> 'closed' ORDER BY state <> 'dead', failure IS NULL, created_at
"""


async def check_accounts(connection: asyncpg.Connection) -> list[Finding]:
    """Return one finding for all organizations, or nothing without accounts; needs an operator's transaction."""
    accounts = await connection.fetch(_ACCOUNTS)
    if not accounts:
        return []
    first = accounts[0]
    if first["failure"] is None:
        return [ok("provider accounts", str(len(accounts)))]
    failing = sum(account["failure"] is not None for account in accounts)
    detail = f"not fetched completely: {failing} of {len(accounts)}, for example {first['provider']}"
    return [warning("provider accounts", detail, failure_sentence(first["failure"]) or "")]
