"""Assigns repositories to the teams that alone maintain them at a forge; manual assignments stay."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schema.contracts.team_sync import RepositoriesSynced
from schema.database import Tenant
from schema.identifiers import Hasher
from workers.facts.changes import Changes
from workers.facts.repository_teams import ALL_ALONG, assign_repository
from workers.team_sync.forge_teams import ForgeTeam
from workers.team_sync.owners import sole_owners

_REPOSITORIES = """
SELECT alias.alias, repository.artifact_id, repository.team_id, repository.team_synced
  FROM artifact_alias AS alias
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = alias.artifact_id
 WHERE alias.organization_id = $1 AND alias.kind = 'repository_id' AND alias.alias = ANY($2::bytea[])
 ORDER BY repository.artifact_id
"""

CHANGES = {"assigned", "reassigned", "returned"}


@dataclass(frozen=True, slots=True)
class Look:
    """A connection's answer: teams, numbers of repositories with known owners, organizations it cannot read."""

    connection_id: UUID
    host: str
    at: datetime
    teams: Sequence[ForgeTeam]
    repositories: Collection[int]
    closed: int = 0


async def assign_to_owners(
    tenant: Tenant,
    hasher: Hasher,
    changes: Changes,
    look: Look,
    teams: Collection[tuple[ForgeTeam, int]],
    default_team: int,
) -> RepositoriesSynced:
    """Assign known repositories to their one team: for all time at first, from today on later.

    `teams` come with the ids of the teams they map to.
    """
    owners = sole_owners([reported for reported, _ in teams])
    ids = {reported.number: team_id for reported, team_id in teams}
    targets: dict[bytes, int | None] = {}
    for number in look.repositories:
        owner = owners.get(number)
        target = ids[owner.number] if owner else default_team
        targets[hasher.repository_by_id(look.host, number)] = None if target == default_team else target
    shared = {hasher.repository_by_id(look.host, number) for number, owner in owners.items() if owner is None}
    rows = await tenant.fetch(_REPOSITORIES, list(targets))
    counts = Counter(_becomes(row, targets[row["alias"]], default_team) for row in rows)
    ownerless = [alias for alias in (row["alias"] for row in rows) if targets[alias] is None]
    counts["shared"] = len(shared.intersection(ownerless))
    counts["unowned"] = len(ownerless) - counts["shared"]
    today = look.at.replace(hour=0, minute=0, second=0, microsecond=0)
    for row in rows:
        if _becomes(row, targets[row["alias"]], default_team) in CHANGES:
            target = targets[row["alias"]] or default_team
            since = ALL_ALONG if row["team_id"] is None else today
            await assign_repository(tenant, changes, target, row["artifact_id"], since, is_synced=True)
    del counts["as it is"]
    return RepositoriesSynced(**counts)


def _becomes(row: Mapping[str, Any], target: int | None, default_team: int) -> str:
    """Return how a repository changes for a target team: a field of RepositoriesSynced, or "as it is"."""
    present = None if row["team_id"] == default_team else row["team_id"]
    if row["team_id"] is not None and not row["team_synced"]:
        return "set_manually" if target not in {None, present} else "as it is"
    if present == target:
        return "as it is" if target is None else "unchanged"
    if target is None:
        return "returned"
    return "assigned" if row["team_id"] is None else "reassigned"
