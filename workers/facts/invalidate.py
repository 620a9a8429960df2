"""Marks team-days that changed facts make stale."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from schema.database import Tenant, rows_as_columns
from workers.facts.changes import Changes, Days, merge_days
from workers.stores.forge.outcomes import ForgeChanges
from workers.stores.forge.trunks import invalidate_by_trunks, relink_trunks
from workers.stores.ledger.invalidate_days import (
    invalidate_by_evidence,
    invalidate_days,
    invalidate_spans,
    lock_settlements,
)

# Teams that own or may have owned these pull requests, and teams that worked in these repositories meanwhile.
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


async def invalidate(tenant: Tenant, changes: Changes) -> bool:
    """Mark every team-day affected by the changes as stale; return True when there is something to settle.

    `recording` calls this last in the transaction: from here on nobody else settles or marks the organization's days.
    """
    if replace(changes, forge=ForgeChanges()) == Changes():
        return False
    await relink_trunks(tenant, changes.trunks)
    # Before windows are read, so that no team's tokens are folded unnoticed.
    await lock_settlements(tenant)
    marked = await invalidate_spans(tenant, await _teams(tenant, changes))
    marked |= await invalidate_by_trunks(tenant, changes.trunks)
    for days, team_ids in changes.transfers:
        marked |= await invalidate_days(tenant, from_day=days.first, to_day=days.last, team_ids=team_ids)
    return marked | await invalidate_by_evidence(
        tenant,
        commits=changes.commits,
        branches=changes.branches,
        numbers=changes.numbers,
        artifacts=changes.artifacts,
        repositories=changes.names,
    )


async def _teams(tenant: Tenant, changes: Changes) -> dict[int, list[Days]]:
    """Return the days of each team on which pull requests that may concern it changed."""
    spans = [(places, days) for places, reported in changes.days.items() for days in merge_days(reported)]
    if not spans:
        return {}
    rows: list[tuple[object, ...]] = [
        (number, places.repository_id, places.head_repository_id, _midnight(days.first, -1), _midnight(days.last, 2))
        for number, (places, days) in enumerate(spans)
    ]
    found = defaultdict[int, list[Days]](list)
    for row in await tenant.fetch(_TEAMS, *rows_as_columns(rows)):
        _, days = spans[row["span"]]
        found[row["team_id"]].append(days)
    return {team_id: merge_days(days) for team_id, days in found.items()}


def _midnight(day: date, later: int) -> datetime:
    """Return the start of a day, or of the day `later` days after it."""
    return datetime.combine(day, time(), UTC) + timedelta(days=later)
