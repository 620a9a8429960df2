"""Keeps outcomes of pull requests current: pushes and review rounds, reverts, and fix releases.

An outcome is a function of stored facts, recomputed when they change, in any order. Reported reverts and titles are
stored at once; `derive` runs once, just before team-days are marked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

import asyncpg

from schema.database import Tenant, rows_as_columns
from workers.outcomes.life_cycle import PullRequestRow
from workers.outcomes.reverted import Holders, Merged, Revert, RevertReport, RevertSource, RevertTarget, find_reverted
from workers.stores.forge.pull_requests import Change
from workers.stores.forge.releases import lock_releases
from workers.stores.forge.shipments import derive_shipments
from workers.stores.spend.stale import note_pull_requests

_TELL = """
INSERT INTO revert (organization_id, repository_id, source_kind, source, target_kind, target, branch, occurred_at)
SELECT $1::bigint, $2::bytea, reported.*
  FROM unnest($3::text[], $4::bytea[], $5::text[], $6::bytea[], $7::bytea[], $8::timestamptz[]) AS reported
    ON CONFLICT DO NOTHING
"""

# The last reported title counts; at equal times the greater hash, whichever came first.
_ENTITLE = """
INSERT INTO pull_request_title AS known (organization_id, artifact_id, title, reported_at)
SELECT $1::bigint, reported.* FROM unnest($2::bytea[], $3::bytea[], $4::timestamptz[]) AS reported
    ON CONFLICT (organization_id, artifact_id) DO UPDATE SET title = excluded.title, reported_at = excluded.reported_at
 WHERE known.organization_id = $1 AND (known.reported_at, known.title) < (excluded.reported_at, excluded.title)
RETURNING artifact_id
"""

_report, _merged = itemgetter(*RevertReport._fields), itemgetter(*Merged._fields)

# The first digits of a commit mean the one commit that begins so; of two such commits neither is meant.
_SAID = """
SELECT repository_id, source_kind, source, target_kind, coalesce(whole.commit, target) AS target, branch, occurred_at
  FROM revert
  LEFT JOIN LATERAL (
       SELECT (array_agg(known.commit))[1] AS commit FROM abbreviated_commit AS known
        WHERE known.organization_id = $1 AND known.abbreviation = revert.target HAVING count(*) = 1
       ) AS whole ON revert.target_kind = 'commit'
 WHERE organization_id = $1 AND repository_id = ANY($2::bytea[])
"""
_MERGED = """
SELECT artifact_id, opened_at, merged_at, base_branch FROM pull_request
 WHERE organization_id = $1 AND repository_id = $2 AND state = 'merged' AND artifact_id = ANY($3::bytea[])
"""
_BY_COMMIT = """
SELECT alias.alias, held.artifact_id, held.opened_at, held.merged_at, held.base_branch
  FROM artifact_alias AS alias
  JOIN pull_request AS held ON held.organization_id = $1 AND held.artifact_id = alias.artifact_id
 WHERE alias.organization_id = $1 AND alias.kind IN ('commit', 'pushed_commit') AND alias.alias = ANY($3::bytea[])
   AND held.repository_id = $2 AND held.state = 'merged'
"""
_BY_TITLE = """
SELECT named.title, held.artifact_id, held.opened_at, held.merged_at, held.base_branch
  FROM pull_request_title AS named
  JOIN pull_request AS held ON held.organization_id = $1 AND held.artifact_id = named.artifact_id
 WHERE named.organization_id = $1 AND named.title = ANY($3::bytea[])
   AND held.repository_id = $2 AND held.state = 'merged'
"""
_REVERTED = """
SELECT outcome.artifact_id, outcome.reverted_at, outcome.reverted_by
  FROM outcome
  JOIN pull_request ON pull_request.organization_id = $1 AND pull_request.artifact_id = outcome.artifact_id
 WHERE outcome.organization_id = $1 AND outcome.reverted_at IS NOT NULL AND pull_request.repository_id = $2
"""
_SET_REVERTED = """
INSERT INTO outcome AS known (organization_id, artifact_id, reverted_at, reverted_by)
SELECT $1::bigint, found.* FROM unnest($2::bytea[], $3::timestamptz[], $4::bytea[]) AS found
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET reverted_at = excluded.reverted_at, reverted_by = excluded.reverted_by
 WHERE known.organization_id = $1
"""

# Each part is computed once, not once per pull request as planners do without statistics. A round of review is all
# reviews and comments between two pushes. Pushes and reviews at the opening or after the end do not count as rework.
_SET_WORK = """
WITH life AS (
    SELECT artifact_id, opened_at, CASE WHEN state <> 'open' THEN coalesce(merged_at, closed_at) END AS ended_at
      FROM pull_request WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
), work AS (
    SELECT activity.artifact_id, activity.kind,
           lag(activity.kind) OVER (PARTITION BY activity.artifact_id
                                    ORDER BY activity.occurred_at, activity.kind, activity.reference) AS before
      FROM activity JOIN life ON life.artifact_id = activity.artifact_id
     WHERE activity.organization_id = $1 AND activity.artifact_id = ANY($2::bytea[])
       AND activity.kind IN ('push', 'review')
       AND activity.occurred_at > life.opened_at
       AND (life.ended_at IS NULL OR activity.occurred_at <= life.ended_at)
), counted AS MATERIALIZED (
    SELECT artifact_id, count(*) FILTER (WHERE kind = 'push') AS pushes,
           count(*) FILTER (WHERE kind = 'review' AND before IS DISTINCT FROM 'review') AS rounds
      FROM work GROUP BY artifact_id
), fixed AS MATERIALIZED (
    SELECT link.pull_request_id AS artifact_id, min(mended.released_at) AS fix_released_at
      FROM release_pull_request AS link
      JOIN release_fix AS fix ON fix.organization_id = $1 AND fix.release_id = link.release_id
      JOIN release AS mended ON mended.organization_id = $1 AND mended.artifact_id = fix.fix_id
     WHERE link.organization_id = $1 AND link.pull_request_id = ANY($2::bytea[])
     GROUP BY link.pull_request_id
)
INSERT INTO outcome AS known
       (organization_id, artifact_id, pushes_after_opening, review_rounds, fix_released_at)
SELECT $1::bigint, life.artifact_id, coalesce(counted.pushes, 0), coalesce(counted.rounds, 0), fixed.fix_released_at
  FROM life
  LEFT JOIN counted ON counted.artifact_id = life.artifact_id
  LEFT JOIN fixed ON fixed.artifact_id = life.artifact_id
 ORDER BY life.artifact_id
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET pushes_after_opening = excluded.pushes_after_opening, review_rounds = excluded.review_rounds,
                  fix_released_at = excluded.fix_released_at
 WHERE known.organization_id = $1
   AND (known.pushes_after_opening, known.review_rounds, known.fix_released_at)
       IS DISTINCT FROM (excluded.pushes_after_opening, excluded.review_rounds, excluded.fix_released_at)
"""


@dataclass(slots=True)
class ForgeChanges:
    """Changes of a transaction from which releases and outcomes are derived.

    `since` is the earliest instant of new, moved or deleted facts by repository; `families` are the release families
    that changed.
    """

    since: dict[bytes, datetime] = field(default_factory=dict)
    families: dict[bytes, set[bytes]] = field(default_factory=dict)
    pull_requests: set[bytes] = field(default_factory=set)

    def add_instants(self, repository_id: bytes, instants: Iterable[datetime | None]) -> None:
        """Add changed facts of these instants in a repository."""
        for at in instants:
            if at is not None:
                self.since[repository_id] = min(self.since.get(repository_id, at), at)

    def add_family(self, repository_id: bytes, family: bytes | None) -> None:
        """Add a release family that changed."""
        if family is not None:
            self.families.setdefault(repository_id, set()).add(family)

    def add_change(self, change: Change) -> None:
        """Add a new or changed pull request. If only its merge or end changed, nothing earlier is affected."""
        before, after = change
        self.pull_requests.add(after.artifact_id)
        old, new = ({each.opened_at, each.merged_at, each.closed_at} if each else set() for each in change)
        is_elsewhere = before is not None and _places(before) != _places(after)
        self.add_instants(after.repository_id, old | new if is_elsewhere else old ^ new)

    def add(self, other: "ForgeChanges") -> None:
        """Add other changes."""
        for repository_id, at in other.since.items():
            self.add_instants(repository_id, [at])
        for repository_id, families in other.families.items():
            self.families.setdefault(repository_id, set()).update(families)
        self.pull_requests |= other.pull_requests


def _places(row: PullRequestRow) -> tuple[bytes | None, ...]:
    """Return the branches that it goes from and to."""
    return row.head_repository_id, row.head_branch, row.base_branch


class TitleRow(NamedTuple):
    """The hash of a pull request's title as of an instant."""

    artifact_id: bytes
    title: bytes
    reported_at: datetime


async def store_reverts(tenant: Tenant, repository_id: bytes, reported: Collection[RevertReport]) -> None:
    """Store what pull requests and commits of a repository say they revert."""
    if reported:
        rows: list[tuple[object, ...]] = [tuple(each) for each in sorted(set(reported))]
        await tenant.execute(_TELL, repository_id, *rows_as_columns(rows))


async def store_titles(tenant: Tenant, reported: Iterable[TitleRow]) -> set[bytes]:
    """Store title hashes; return the pull requests whose title or its time changed."""
    latest: dict[bytes, TitleRow] = {}
    for row in reported:
        known = latest.get(row.artifact_id, row)
        latest[row.artifact_id] = max(known, row, key=lambda each: (each.reported_at, each.title))
    if not latest:
        return set()
    rows: list[tuple[object, ...]] = [tuple(row) for _, row in sorted(latest.items())]
    changed = await tenant.fetch(_ENTITLE, *rows_as_columns(rows))
    return {row["artifact_id"] for row in changed}


async def derive(tenant: Tenant, changes: ForgeChanges) -> None:
    """Update what releases ship, and the outcomes of pull requests, after changes."""
    if changes == ForgeChanges():
        return
    await lock_releases(tenant)
    shipped = await derive_shipments(tenant, changes.since, changes.families)
    said = defaultdict[bytes, list[RevertReport]](list)
    repositories = sorted(changes.since.keys() | changes.families.keys())
    for row in await tenant.fetch(_SAID, repositories):
        said[row["repository_id"]].append(RevertReport._make(_report(row)))
    # In one order, so that transactions do not deadlock.
    reverted: set[bytes] = set()
    for repository_id in sorted(said):
        reverted |= await _save_reverted(tenant, repository_id, said[repository_id])
    if asked := changes.pull_requests | shipped:
        await tenant.execute(_SET_WORK, sorted(asked))
    await note_pull_requests(tenant, changes.pull_requests | shipped | reverted)


async def _save_reverted(tenant: Tenant, repository_id: bytes, said: Sequence[RevertReport]) -> set[bytes]:
    """Write the difference; return the pull requests whose revert is new, gone or another."""
    found = find_reverted(said, await _holders(tenant, repository_id, said))
    rows = await tenant.fetch(_REVERTED, repository_id)
    known = {row["artifact_id"]: Revert(row["reverted_at"], row["reverted_by"]) for row in rows}
    changed: list[tuple[bytes, datetime | None, bytes | None]] = [
        (artifact_id, *found.get(artifact_id, (None, None)))
        for artifact_id in sorted(found.keys() | known.keys())
        if found.get(artifact_id) != known.get(artifact_id)
    ]
    if changed:
        await tenant.execute(_SET_REVERTED, *rows_as_columns(changed))
    return {artifact_id for artifact_id, *_ in changed}


async def _holders(tenant: Tenant, repository_id: bytes, said: Sequence[RevertReport]) -> Holders:
    """Return the merged pull requests that the reports could refer to."""
    named = {each.source for each in said if each.source_kind == RevertSource.PULL_REQUEST}
    named |= {each.target for each in said if each.target_kind == RevertTarget.PULL_REQUEST}
    commits = {each.source for each in said if each.source_kind == RevertSource.COMMIT}
    commits |= {each.target for each in said if each.target_kind == RevertTarget.COMMIT}
    titles = {each.target for each in said if each.target_kind == RevertTarget.TITLE}
    scope = (repository_id,)
    by_commit = _grouped("alias", await tenant.fetch(_BY_COMMIT, *scope, sorted(commits)))
    by_title = _grouped("title", await tenant.fetch(_BY_TITLE, *scope, sorted(titles)))
    listed = [Merged._make(_merged(row)) for row in await tenant.fetch(_MERGED, *scope, sorted(named))]
    held = [each for group in (*by_commit.values(), *by_title.values()) for each in group]
    return Holders({each.artifact_id: each for each in (*listed, *held)}, by_commit, by_title)


def _grouped(column: str, rows: Iterable[asyncpg.Record]) -> dict[bytes, list[Merged]]:
    """Group pull requests by the hash in a column."""
    grouped = defaultdict[bytes, list[Merged]](list)
    for row in rows:
        grouped[row[column]].append(Merged._make(_merged(row)))
    return dict(grouped)
