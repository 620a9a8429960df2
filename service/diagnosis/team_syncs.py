"""Checks whether forges tell their teams, where somebody wants them counted."""

import asyncpg

from schema.team_sync_failures import team_sync_reason, team_sync_state
from service.diagnosis.finding import Finding, ok, warning

_SYNCS = """
SELECT connection.forge, connection.host, connection.registration_id IS NOT NULL AS is_app, team_sync.failure
  FROM team_sync JOIN connection USING (organization_id, connection_id)
 WHERE team_sync.enabled AND connection.state = 'active' ORDER BY connection.created_at
"""


async def check_team_syncs(connection: asyncpg.Connection) -> list[Finding]:
    """One finding over all organizations, none where no team is counted; needs an operator's transaction."""
    syncs = await connection.fetch(_SYNCS)
    lasting = [each for each in syncs if team_sync_state(each["failure"]) in {"refused", "failing"}]
    if lasting:
        first = lasting[0]
        detail = f"{len(lasting)} of {len(syncs)} forges do not tell them, such as {first['host']}"
        return [
            warning("team sync", detail, team_sync_reason(first["failure"], first["forge"], is_app=first["is_app"]))
        ]
    return [ok("team sync", f"teams of {len(syncs)} connections are counted")] if syncs else []
