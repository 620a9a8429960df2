"""What a batch of deliveries changed, and so which team-days must be settled again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from schema.database import Connection
from schema.outcomes import ForgeChanges
from schema.stale_days import days_touched, lock_settlements, mark_stale, mark_stale_by_evidence
from schema.trunks import Trunk, mark_stale_by_trunks, relink_trunks

# Teams whose pull requests these are or may have been, and teams that worked in these repositories meanwhile.
_TEAMS = """
SELECT team_id FROM team
 WHERE organization_id = $1
   AND (team_id = (SELECT coalesce(repository.team_id, standard.team_id)
                     FROM repository, team AS standard
                    WHERE repository.organization_id = $1 AND repository.artifact_id = $2
                      AND standard.organization_id = $1 AND standard.is_default)
        OR team_id IN (SELECT had.team_id FROM repository_team AS had
                        WHERE had.organization_id = $1 AND had.repository_id = $2)
        OR team_id IN (SELECT owning.team_id FROM code_owner AS owning
                        WHERE owning.organization_id = $1 AND EXISTS (
                              SELECT FROM pull_request
                               WHERE pull_request.organization_id = $1 AND pull_request.owner = owning.owner
                                 AND pull_request.repository_id = $2))
        OR EXISTS (SELECT FROM pull_request
                    WHERE pull_request.organization_id = $1 AND pull_request.author_team_id = team.team_id
                      AND pull_request.repository_id = $2)
        OR EXISTS (SELECT FROM token_window AS tokens
                    WHERE tokens.organization_id = $1 AND tokens.team_id = team.team_id
                      AND tokens.hour >= $4 AND tokens.hour < $5
                      AND tokens.repository IN (SELECT alias FROM artifact_alias
                                                 WHERE organization_id = $1 AND kind = 'repository'
                                                   AND artifact_id = ANY($3::bytea[]))))
"""


class Days(NamedTuple):
    """UTC days, both ends included."""

    first: date
    last: date


class Places(NamedTuple):
    """The repository of a pull request, and the one its branch is in."""

    repository_id: bytes
    head_repository_id: bytes | None


@dataclass(slots=True)
class Touched:
    """Days on which pull requests of a repository changed, and hashes that mean something new."""

    days: dict[Places, list[Days]] = field(default_factory=lambda: defaultdict(list))
    names: set[bytes] = field(default_factory=set)
    commits: set[bytes] = field(default_factory=set)
    branches: set[bytes] = field(default_factory=set)
    numbers: set[bytes] = field(default_factory=set)
    artifacts: set[bytes] = field(default_factory=set)
    trunks: set[Trunk] = field(default_factory=set)
    forge: ForgeChanges = field(default_factory=ForgeChanges)

    def add_instants(self, places: Places, instants: Iterable[datetime]) -> None:
        """Facts of these instants changed."""
        if told := list(instants):
            self.days[places].append(Days(*days_touched(min(told), max(told))))

    def add(self, other: "Touched") -> None:
        """Take in what another delivery changed."""
        for places, days in other.days.items():
            self.days[places].extend(days)
        for name in ("names", "commits", "branches", "numbers", "artifacts", "trunks"):
            getattr(self, name).update(getattr(other, name))
        self.forge.add(other.forge)


def merge_days(days: Iterable[Days]) -> list[Days]:
    """The same days as few spans that neither overlap nor meet."""
    merged: list[Days] = []
    for each in sorted(days):
        if merged and each.first <= merged[-1].last + timedelta(days=1):
            merged[-1] = Days(merged[-1].first, max(merged[-1].last, each.last))
        else:
            merged.append(each)
    return merged


async def mark_touched(connection: Connection, organization_id: int, touched: Touched) -> bool:
    """Mark every team-day that the changes reach; last in their transaction. True when there is something to settle."""
    if touched == Touched():
        return False
    await relink_trunks(connection, organization_id, touched.trunks)
    # Before the windows are looked at, so that none is folded meanwhile by a team that is not found here.
    await lock_settlements(connection, organization_id)
    marked = False
    for places, all_days in touched.days.items():
        for days in merge_days(all_days):
            teams = await _teams(connection, organization_id, places, days)
            marked |= await mark_stale(
                connection, organization_id, from_day=days.first, to_day=days.last, team_ids=teams
            )
    marked |= await mark_stale_by_trunks(connection, organization_id, touched.trunks)
    return marked | await mark_stale_by_evidence(
        connection,
        organization_id,
        commits=touched.commits,
        branches=touched.branches,
        numbers=touched.numbers,
        artifacts=touched.artifacts,
        repositories=touched.names,
    )


async def _teams(connection: Connection, organization_id: int, places: Places, days: Days) -> list[int]:
    start = datetime.combine(days.first, datetime.min.time(), UTC) - timedelta(days=1)
    end = datetime.combine(days.last, datetime.min.time(), UTC) + timedelta(days=2)
    repositories = [place for place in places if place is not None]
    rows = await connection.fetch(_TEAMS, organization_id, places.repository_id, repositories, start, end)
    return [row["team_id"] for row in rows]
