"""Syncs teams with a forge; manually set sizes stay."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from schema.contracts.team_sync import TeamCounted, TeamSyncReport
from schema.database import Tenant
from schema.identifiers import Hasher
from workers.facts.changes import Changes
from workers.facts.synced_repositories import Look, assign_to_owners
from workers.team_sync.forge_teams import ForgeTeam

# Held by everything that creates teams, so that the limit holds and concurrent syncs create no duplicates.
_HOLD = "SELECT FROM organization WHERE organization_id = $1 FOR NO KEY UPDATE"
_TEAMS = "SELECT team_id, name, size, size_counted, is_default, removed_at FROM team WHERE organization_id = $1"
_TELEMETRY = "SELECT telemetry_id, team_id FROM team_telemetry WHERE organization_id = $1"
_OWNERS = "SELECT owner, team_id FROM code_owner WHERE organization_id = $1"
_KNOWN = "SELECT forge_team_id, connection_id, team_id FROM forge_team WHERE organization_id = $1"
_MAKE = "INSERT INTO team (organization_id, name) VALUES ($1, $2) RETURNING team_id"
_KEEP = """
INSERT INTO forge_team (organization_id, forge_team_id, connection_id, team_id)
SELECT $1::bigint, reported.forge_team_id, $2::uuid, reported.team_id
  FROM unnest($3::bytea[], $4::bigint[]) AS reported (forge_team_id, team_id)
    ON CONFLICT DO NOTHING
"""
_FORGET = """
DELETE FROM forge_team WHERE organization_id = $1 AND connection_id = $2 AND forge_team_id = ANY($3::bytea[])
"""
_SIZE = """
UPDATE team SET size = reported.size, size_counted = true
  FROM unnest($2::bigint[], $3::int[]) AS reported (team_id, size)
 WHERE team.organization_id = $1 AND team.team_id = reported.team_id AND (team.size IS NULL OR team.size_counted)
   AND (team.size IS DISTINCT FROM reported.size OR NOT team.size_counted)
"""


class _Known(NamedTuple):
    """The connection that reported a forge team, and the team it maps to."""

    connection_id: UUID
    team_id: int


@dataclass(slots=True)
class _Teams:
    """The teams of an organization, and which of them teams at forges map to."""

    by_id: dict[int, Mapping[str, object]]
    by_name: dict[str, int]
    by_owner: dict[bytes, int]
    known: dict[bytes, _Known]
    made: set[int] = field(default_factory=set)
    over_limit: int = 0

    @property
    def default(self) -> int:
        return next(team_id for team_id, team in self.by_id.items() if team["is_default"])

    def find(self, name: str) -> int | None:
        """Return the team of that name that no forge team maps to yet."""
        found = self.by_name.get(name)
        return None if found in {known.team_id for known in self.known.values()} else found


def forge_team_id(hasher: Hasher, host: str, team: ForgeTeam) -> bytes:
    """Return the hash that identifies a team at a forge."""
    return hasher.reference("forge_team", f"{host}/{team.number}")


async def sync(
    tenant: Tenant, hasher: Hasher, changes: Changes, look: Look, left_out: Collection[bytes], team_limit: int
) -> TeamSyncReport:
    """Sync teams and their repositories with the forge; return the report."""
    await tenant.execute(_HOLD)
    teams = await _load(tenant)
    kept, elsewhere, empty, left = dict[bytes, tuple[ForgeTeam, int]](), 0, 0, 0
    for reported in sorted(look.teams, key=lambda each: each.handle):
        key, owner = forge_team_id(hasher, look.host, reported), hasher.code_owner(f"@{reported.handle}")
        if owner in left_out:
            left += 1
        elif not reported.people:
            empty += 1
        elif key in teams.known and teams.known[key].connection_id != look.connection_id:
            elsewhere += 1
        elif (team_id := await _team(tenant, teams, reported, key, owner, team_limit)) is not None:
            kept[key] = (reported, team_id)
            teams.known[key] = _Known(look.connection_id, team_id)
    gone = [key for key, known in teams.known.items() if known.connection_id == look.connection_id and key not in kept]
    # Teams of an organization that cannot be read may still exist.
    gone = [] if look.closed else gone
    counted = await _count(tenant, teams, look, kept, gone)
    repositories = await assign_to_owners(tenant, hasher, changes, look, kept.values(), teams.default)
    return TeamSyncReport(
        looked_at=look.at,
        teams=counted,
        repositories=repositories,
        deleted_at_forge=len(gone),
        empty=empty,
        excluded=left,
        of_other_connections=elsewhere,
        over_limit=teams.over_limit,
        inaccessible_organizations=look.closed,
    )


async def _load(tenant: Tenant) -> _Teams:
    rows = await tenant.fetch(_TEAMS)
    telemetry = await tenant.fetch(_TELEMETRY)
    owners = await tenant.fetch(_OWNERS)
    known = await tenant.fetch(_KNOWN)
    return _Teams(
        by_id={row["team_id"]: dict(row) for row in rows},
        # An administrator's mapping of a name takes precedence over the team of that name.
        by_name={row["name"]: row["team_id"] for row in rows if row["removed_at"] is None}
        | {row["telemetry_id"]: row["team_id"] for row in telemetry},
        by_owner={row["owner"]: row["team_id"] for row in owners},
        known={row["forge_team_id"]: _Known(row["connection_id"], row["team_id"]) for row in known},
    )


async def _team(
    tenant: Tenant, teams: _Teams, reported: ForgeTeam, key: bytes, owner: bytes, team_limit: int
) -> int | None:
    """Return the team for a forge team: by known mapping, code owner, name or handle, or a new one."""
    if key in teams.known:
        return teams.known[key].team_id
    found = teams.by_owner.get(owner) or teams.find(reported.name) or teams.find(reported.handle)
    if found is not None:
        return found
    if len(teams.by_id) >= team_limit:
        teams.over_limit += 1
        return None
    name = reported.handle if reported.name in teams.by_name else reported.name
    if name in teams.by_name:
        return None
    team_id: int = await tenant.fetchval(_MAKE, name)
    teams.by_id[team_id] = {"name": name, "size": None, "size_counted": False, "is_default": False, "removed_at": None}
    teams.by_name[name] = team_id
    teams.made.add(team_id)
    return team_id


async def _count(
    tenant: Tenant, teams: _Teams, look: Look, kept: Mapping[bytes, tuple[ForgeTeam, int]], gone: Collection[bytes]
) -> list[TeamCounted]:
    """Record which teams map to which, and how many people each has."""
    people = defaultdict[int, set[bytes]](set)
    for reported, team_id in kept.values():
        people[team_id] |= reported.people
    await tenant.execute(_FORGET, look.connection_id, list(gone))
    ids = [team_id for _, team_id in kept.values()]
    await tenant.execute(_KEEP, look.connection_id, list(kept), ids)
    # People in several connections cannot be matched, and the default team takes what is left.
    others = {known.team_id for known in teams.known.values() if known.connection_id != look.connection_id}
    others.add(teams.default)
    sizes: dict[int, int | None] = {team_id: len(found) for team_id, found in people.items() if team_id not in others}
    lost = {teams.known[key].team_id for key in gone} - people.keys() - others
    sizes |= {team_id: None for team_id in lost if teams.by_id[team_id]["size_counted"]}
    await tenant.execute(_SIZE, list(sizes), list(sizes.values()))
    return [_counted(teams, team_id, size) for team_id, size in sizes.items() if size is not None]


def _counted(teams: _Teams, team_id: int, people: int) -> TeamCounted:
    team = teams.by_id[team_id]
    before = team["size"]
    return TeamCounted(
        name=str(team["name"]),
        people=people,
        before=before if isinstance(before, int) else None,
        is_new=team_id in teams.made,
        set_manually=before is not None and not team["size_counted"],
    )
