"""What a batch of deliveries changed, and so which team-days must be settled again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.invalidate_days import days_touched, invalidate_by_evidence, invalidate_spans, lock_settlements
from schema.outcomes import ForgeChanges
from schema.trunks import Trunk, invalidate_by_trunks, relink_trunks

# Teams whose pull requests these are or may have been, and teams that worked in these repositories meanwhile.
_TEAMS = """
SELECT touched.span, team.team_id
  FROM unnest($2::int[], $3::bytea[], $4::bytea[], $5::timestamptz[], $6::timestamptz[])
       AS touched (span, repository_id, head_repository_id, begins, ends)
  JOIN team ON team.organization_id = $1
 WHERE team_id = (SELECT coalesce(repository.team_id, standard.team_id)
                    FROM repository, team AS standard
                   WHERE repository.organization_id = $1 AND repository.artifact_id = touched.repository_id
                     AND standard.organization_id = $1 AND standard.is_default)
    OR team_id IN (SELECT had.team_id FROM repository_team AS had
                    WHERE had.organization_id = $1 AND had.repository_id = touched.repository_id)
    OR team_id IN (SELECT owning.team_id FROM code_owner AS owning
                    WHERE owning.organization_id = $1 AND EXISTS (
                          SELECT FROM pull_request
                           WHERE pull_request.organization_id = $1 AND pull_request.owner = owning.owner
                             AND pull_request.repository_id = touched.repository_id))
    OR EXISTS (SELECT FROM pull_request
                WHERE pull_request.organization_id = $1 AND pull_request.author_team_id = team.team_id
                  AND pull_request.repository_id = touched.repository_id)
    OR EXISTS (SELECT FROM token_window AS tokens
                WHERE tokens.organization_id = $1 AND tokens.team_id = team.team_id
                  AND tokens.hour >= touched.begins AND tokens.hour < touched.ends
                  AND tokens.repository IN (
                      SELECT alias FROM artifact_alias
                       WHERE organization_id = $1 AND kind = 'repository'
                         AND artifact_id IN (touched.repository_id, touched.head_repository_id)))
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
class Changes:
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
        if reported := list(instants):
            self.days[places].append(Days(*days_touched(min(reported), max(reported))))

    def add(self, other: "Changes") -> None:
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


async def invalidate_changes(tenant: Tenant, touched: Changes) -> bool:
    """Mark every team-day that the changes reach; last in their transaction. True when there is something to settle."""
    if touched == Changes():
        return False
    await relink_trunks(tenant, touched.trunks)
    # Before the windows are looked at, so that none is folded meanwhile by a team that is not found here.
    await lock_settlements(tenant)
    marked = await invalidate_spans(tenant, await _teams(tenant, touched))
    marked |= await invalidate_by_trunks(tenant, touched.trunks)
    return marked | await invalidate_by_evidence(
        tenant,
        commits=touched.commits,
        branches=touched.branches,
        numbers=touched.numbers,
        artifacts=touched.artifacts,
        repositories=touched.names,
    )


async def _teams(tenant: Tenant, touched: Changes) -> dict[int, list[Days]]:
    """The days of each team on which pull requests that it may have to do with changed."""
    spans = [(places, days) for places, reported in touched.days.items() for days in merge_days(reported)]
    if not spans:
        return {}
    rows: list[tuple[object, ...]] = [
        (number, places.repository_id, places.head_repository_id, _midnight(days.first, -1), _midnight(days.last, 2))
        for number, (places, days) in enumerate(spans)
    ]
    found = defaultdict[int, list[Days]](list)
    for row in await tenant.fetch(_TEAMS, *rows_as_columns(rows)):
        found[row["team_id"]].append(spans[row["span"]][1])
    return {team_id: merge_days(days) for team_id, days in found.items()}


def _midnight(day: date, later: int) -> datetime:
    """At which a day begins, or one so many days later."""
    return datetime.combine(day, time(), UTC) + timedelta(days=later)
