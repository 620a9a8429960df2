"""Assigns CODEOWNERS handles to teams; their code then belongs to the team for all time."""

from schema.database import Tenant
from schema.team_of import TEAM_OF_PULL_REQUEST
from workers.facts.changes import Changes, Days, Transfer
from workers.stores.ledger.invalidate_days import affected_days
from workers.stores.ledger.invalidate_weeks import mark_owner
from workers.stores.spend.stale import note_owner

_GIVE = """
    INSERT INTO code_owner (organization_id, owner, team_id) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, owner) DO UPDATE SET team_id = excluded.team_id
"""

_TAKE = "DELETE FROM code_owner WHERE organization_id = $1 AND owner = $2"

# Read before and after a change.
_TEAMS = f"""
    SELECT DISTINCT {TEAM_OF_PULL_REQUEST} AS team_id
    FROM pull_request
    JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = pull_request.repository_id
    WHERE pull_request.organization_id = $1 AND pull_request.owner = $2
"""  # noqa: S608 - composed of constants

_SPAN = """
    SELECT min(opened_at) AS first, max(coalesce(closed_at, merged_at, now())) AS last
    FROM pull_request WHERE organization_id = $1 AND owner = $2
"""


async def assign_code_owner(tenant: Tenant, changes: Changes, team_id: int | None, owner: bytes) -> None:
    """Assign a handle, by hash, to a team, or to none."""
    before = await tenant.fetch(_TEAMS, owner)
    if team_id is None:
        await tenant.execute(_TAKE, owner)
    else:
        await tenant.execute(_GIVE, owner, team_id)
    after = await tenant.fetch(_TEAMS, owner)
    span = await tenant.fetchrow(_SPAN, owner)
    if span["first"] is None:
        return
    teams = frozenset(row["team_id"] for row in (*before, *after))
    await mark_owner(tenant, owner, teams)
    await note_owner(tenant, owner)
    changes.transfers.append(Transfer(Days(*affected_days(span["first"], span["last"])), teams))
