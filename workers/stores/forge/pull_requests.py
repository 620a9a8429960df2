"""Stores pull requests in bulk: rows reconciled with known ones, activity, and commits.

Everything may arrive repeatedly, late or out of order. Rows are written in key order, so that writers do not deadlock.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

import asyncpg
from msgspec.structs import astuple

from schema.database import Tenant, rows_as_columns
from schema.kinds import LandedBy, PullRequestState
from workers.forge_events.model import ActivityKind
from workers.outcomes.life_cycle import PullRequestRow, reconcile_pull_request
from workers.stores.forge.repositories import AliasKind
from workers.stores.ledger.invalidate_weeks import Merge, mark_merges

NAMES = PullRequestRow.__struct_fields__
_values = itemgetter(*NAMES)
_STATE, _LANDED_BY, _DRAFT = map(NAMES.index, ("state", "landed_by", "draft"))

_KNOWN = f"""
    SELECT {", ".join(NAMES)} FROM pull_request
    WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
    ORDER BY artifact_id
    FOR UPDATE
"""  # noqa: S608 - fixed column names

_SAVE = f"""
    INSERT INTO pull_request AS known (organization_id, {", ".join(NAMES)})
    SELECT $1::bigint, reported.*
    FROM unnest(
        $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[], $9::boolean[],
        $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::int[], $14::int[], $15::text[],
        $16::timestamptz[], $17::timestamptz[], $18::bytea[], $19::bigint[], $20::bytea[], $21::timestamptz[],
        $22::text[], $23::boolean[]) AS reported
    ON CONFLICT (organization_id, artifact_id)
    DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in NAMES if name != "artifact_id")}
    WHERE known.organization_id = $1 AND known.forge_updated_at <= excluded.forge_updated_at
"""  # noqa: S608 - fixed column names

# Repeated activity counts once, at the earlier instant, because later ones are guesses.
_ADD_ACTIVITY = """
    INSERT INTO activity AS known (organization_id, artifact_id, kind, reference, occurred_at)
    SELECT $1::bigint, reported.*
    FROM unnest($2::bytea[], $3::text[], $4::bytea[], $5::timestamptz[]) AS reported
    ON CONFLICT (organization_id, artifact_id, kind, reference) DO UPDATE SET occurred_at = excluded.occurred_at
    WHERE known.organization_id = $1 AND known.occurred_at > excluded.occurred_at
    RETURNING artifact_id, occurred_at
"""

# The first pull request to contain a commit owns it, so the earliest instant is kept.
_ADD_COMMITS = """
    INSERT INTO artifact_alias AS known (organization_id, kind, alias, artifact_id, first_seen_at)
    SELECT $1::bigint, $2::text, reported.*
    FROM unnest($3::bytea[], $4::bytea[], $5::timestamptz[]) AS reported
    ON CONFLICT (organization_id, kind, alias, artifact_id) DO UPDATE SET first_seen_at = excluded.first_seen_at
    WHERE known.organization_id = $1 AND known.first_seen_at > excluded.first_seen_at
    RETURNING artifact_id, alias
"""


class ActivityRow(NamedTuple):
    """One instant of work; the reference distinguishes it from others of its kind on the same pull request."""

    artifact_id: bytes
    kind: ActivityKind
    reference: bytes
    occurred_at: datetime


class CommitRow(NamedTuple):
    """A commit, as a hash, and since when a pull request contains it."""

    commit: bytes
    artifact_id: bytes
    seen_at: datetime


class Change(NamedTuple):
    """A pull request before (None when new) and after a change."""

    before: PullRequestRow | None
    after: PullRequestRow


async def store_pull_requests(tenant: Tenant, reported: Sequence[PullRequestRow]) -> list[Change]:
    """Reconcile and save pull requests; return those that changed."""
    rows = await tenant.fetch(_KNOWN, sorted({row.artifact_id for row in reported}))
    known = {row["artifact_id"]: pull_request_from_record(row) for row in rows}
    latest: dict[bytes, PullRequestRow] = dict(known)
    for row in reported:
        latest[row.artifact_id] = reconcile_pull_request(latest.get(row.artifact_id), row)
    changes = [Change(known.get(key), row) for key, row in sorted(latest.items()) if row != known.get(key)]
    if changes:
        await tenant.execute(_SAVE, *rows_as_columns([_columns(each.after) for each in changes]))
        moved = [change for change in changes if _merge(change.before) != _merge(change.after)]
        merges = {merge for change in moved for row in change if (merge := _merge(row)) is not None}
        await mark_merges(tenant, merges)
    return changes


async def add_activity(tenant: Tenant, activity: Sequence[ActivityRow]) -> list[asyncpg.Record]:
    """Add activity of stored pull requests; return new or earlier rows: artifact_id, occurred_at."""
    if not activity:
        return []
    latest_first = sorted(activity, key=lambda row: row.occurred_at, reverse=True)
    unique = {(row.artifact_id, row.kind, row.reference): row for row in latest_first}
    rows = [tuple(row) for _, row in sorted(unique.items())]
    added: list[asyncpg.Record] = await tenant.fetch(_ADD_ACTIVITY, *rows_as_columns(rows))
    return added


async def add_commits(
    tenant: Tenant, commits: Sequence[CommitRow], kind: AliasKind = AliasKind.COMMIT
) -> list[asyncpg.Record]:
    """Add commits of pull requests; return new or earlier rows: artifact_id, alias."""
    if not commits:
        return []
    latest_first = sorted(commits, key=lambda row: row.seen_at, reverse=True)
    unique = {(row.commit, row.artifact_id): row for row in latest_first}
    rows = [tuple(row) for _, row in sorted(unique.items())]
    added: list[asyncpg.Record] = await tenant.fetch(_ADD_COMMITS, kind, *rows_as_columns(rows))
    return added


def _merge(row: PullRequestRow | None) -> Merge | None:
    """Return where and when it was merged."""
    if row is None or row.state is not PullRequestState.MERGED or row.merged_at is None:
        return None
    return Merge(row.repository_id, row.merged_at, row.owner, row.author_team_id)


def pull_request_from_record(row: asyncpg.Record) -> PullRequestRow:
    """Return a stored row."""
    values = list(_values(row))
    values[_STATE] = PullRequestState(row["state"])
    values[_LANDED_BY] = row["landed_by"] and LandedBy(row["landed_by"])
    return PullRequestRow(*values)


def _columns(row: PullRequestRow) -> tuple[object, ...]:
    values = list(astuple(row))
    values[_DRAFT] = bool(row.draft)
    return tuple(values)
