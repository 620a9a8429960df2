"""Checks whether what webhooks miss is found and brought back."""

import asyncpg

from schema.repair_failures import repair_reason, repair_state
from service.diagnosis.finding import Finding, ok, warning

_CHECKS = "SELECT failure FROM repair_check ORDER BY failure NULLS LAST"

_UNASKED = """
SELECT count(*) FROM connection WHERE state = 'active' AND sealed_token IS NULL AND registration_id IS NULL
"""

_COUNTS = """
SELECT coalesce(sum(found), 0) AS found, coalesce(sum(recovered), 0) AS recovered
  FROM repair_count WHERE day > (now() AT TIME ZONE 'UTC')::date - 30
"""


async def check_repairs(connection: asyncpg.Connection) -> list[Finding]:
    """One finding over all organizations, none where no forge is connected; needs an operator's transaction."""
    failures = [row["failure"] for row in await connection.fetch(_CHECKS)]
    unasked = await connection.fetchval(_UNASKED)
    if not failures and not unasked:
        return []
    lasting = [each for each in failures if each is not None and repair_state(each) in {"refused", "failing"}]
    if lasting:
        return [warning("repairs", f"{len(lasting)} of {len(failures)} checks fail", repair_reason(lasting[0]))]
    if unasked:
        detail = f"{unasked} connections know webhooks only: what is lost on the way stays lost"
        return [warning("repairs", detail, "give them a token: PUT /api/v1/connections/{id}/token")]
    counts = await connection.fetchrow(_COUNTS)
    return [ok("repairs", f"{counts['found']} found missing in 30 days, {counts['recovered']} recovered")]
