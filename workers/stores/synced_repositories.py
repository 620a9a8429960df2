"""Repositories given to the teams that alone maintain them at a forge; what was given by hand stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schema.contracts.team_sync import RepositoriesSynced
from schema.database import Connection
from schema.given_repositories import ALL_ALONG, give, hold_repositories
from schema.identifiers import Hasher
from workers.team_sync.forge_teams import ForgeTeam
from workers.team_sync.owners import sole_owners

_REPOSITORIES = """
SELECT alias.alias, repository.artifact_id, repository.team_id, repository.team_synced
  FROM artifact_alias AS alias
  JOIN repository ON repository.organization_id = $1 AND repository.artifact_id = alias.artifact_id
 WHERE alias.organization_id = $1 AND alias.kind = 'repository_id' AND alias.alias = ANY($2::bytea[])
 ORDER BY repository.artifact_id
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a connection told: teams, numbers of the repositories whose owners are known, organizations closed to it."""

    connection_id: UUID
    host: str
    at: datetime
    teams: Sequence[ForgeTeam]
    repositories: Collection[int]
    closed: int = 0


async def give_to_owners(
    connection: Connection,
    organization_id: int,
    hasher: Hasher,
    look: Look,
    teams: Collection[tuple[ForgeTeam, int]],
    default_team: int,
) -> tuple[RepositoriesSynced, bool]:
    """Give known repositories to the one team that has them: the first time all along, later from today on.

    `teams` come with the ids of those that they count to. What changed, and whether there are days to settle again.
    """
    owners = sole_owners([told for told, _ in teams])
    ids = {told.number: team_id for told, team_id in teams}
    numbers = {hasher.repository_by_id(look.host, number): number for number in look.repositories}
    rows = await connection.fetch(_REPOSITORIES, organization_id, list(numbers))
    await hold_repositories(connection, organization_id, [row["artifact_id"] for row in rows])
    rows = await connection.fetch(_REPOSITORIES, organization_id, list(numbers))
    counts = dict.fromkeys(RepositoriesSynced.__struct_fields__, 0)
    today = look.at.replace(hour=0, minute=0, second=0, microsecond=0)
    stale = False
    for row in rows:
        number = numbers[row["alias"]]
        owner = owners.get(number)
        target = ids[owner.number] if owner is not None else default_team
        if target == default_team:
            counts["shared" if number in owners and owner is None else "unowned"] += 1
        has_team, is_synced = row["team_id"] is not None, row["team_synced"]
        if has_team and not is_synced:
            counts["by_hand"] += target not in {row["team_id"], default_team}
            continue
        present = row["team_id"] if has_team else default_team
        if present == target:
            counts["unchanged"] += target != default_team
            continue
        counts["taken_back" if target == default_team else "moved" if has_team else "given"] += 1
        since = today if has_team else ALL_ALONG
        stale |= await give(connection, organization_id, target, row["artifact_id"], since, is_synced=True)
    return RepositoriesSynced(**counts), stale
