"""Check that forges list their teams for the connections that sync them."""

import asyncpg

from service.diagnosis.finding import Finding, ok, warning
from service.failures import failure_sentence, standing_of

_SYNCS = """
SELECT connection.host, team_sync.failure
  FROM team_sync JOIN connection USING (organization_id, connection_id)
 WHERE team_sync.enabled AND connection.state = 'active' ORDER BY connection.created_at
"""


async def check_team_syncs(connection: asyncpg.Connection) -> list[Finding]:
    """Return one finding for all organizations, or nothing if no connection syncs; needs an operator's transaction."""
    syncs = await connection.fetch(_SYNCS)
    lasting = [each for each in syncs if standing_of(each["failure"], otherwise="synced") in {"refused", "failing"}]
    if lasting:
        first = lasting[0]
        detail = f"{len(lasting)} of {len(syncs)} forges do not list their teams, for example {first['host']}"
        return [warning("team sync", detail, failure_sentence(first["failure"]) or "")]
    return [ok("team sync", f"teams of {len(syncs)} connections are synced")] if syncs else []
