"""Summaries waiting to be written: recorded with a pull request, due when its figures may have changed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from schema.database import Tenant, rows_as_columns
from schema.encryption import Vault
from schema.work_rows import WorkKind
from workers.forge_access.access import Access
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults
from workers.summaries.places import Place, Remote
from workers.work_queue import WAITING, Retry, WorkQueue

PURPOSE = "summary"

# Minimum time between two writes, so that a pull request in progress does not flicker.
PAUSE = timedelta(minutes=5)
# Longer than the slowest forge; afterwards another worker may claim what a killed one had.
LEASE = timedelta(minutes=3)
# How long the summary of an ended pull request is kept.
AFTERMATH = timedelta(days=1)
# Pause after a refusal, because somebody must change a permission first.
REFUSED_PAUSE = timedelta(hours=1)

_ENABLED = "SELECT connection_id FROM connection WHERE organization_id = $1 AND summaries AND state = 'active'"

# The latest report counts. Pull requests that ended long ago are neither added nor kept.
_NOTE = f"""
INSERT INTO summary AS kept (organization_id, artifact_id, connection_id, sealed_place, reported_at, ends_at)
SELECT $1, reported.* FROM unnest($2::bytea[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::timestamptz[])
    AS reported (artifact_id, connection_id, sealed_place, reported_at, ends_at)
 WHERE reported.ends_at IS NULL OR reported.ends_at > now()
 ORDER BY reported.artifact_id
    ON CONFLICT (organization_id, artifact_id) DO UPDATE
   SET connection_id = excluded.connection_id, sealed_place = excluded.sealed_place, reported_at = excluded.reported_at,
       ends_at = excluded.ends_at, changes = kept.changes + 1, state = 'waiting', attempts = 0,
       next_attempt_at = greatest(now(), kept.written_at + interval '{PAUSE.total_seconds()} seconds')
 WHERE kept.reported_at <= excluded.reported_at
"""  # noqa: S608 - a constant

_SHOWN_OF = """
SELECT artifact_id FROM summary
 WHERE organization_id = $1
   AND EXISTS (SELECT FROM attribution_rollup AS spent
                WHERE spent.organization_id = $1 AND spent.team_id = $2 AND spent.day = ANY($3::date[])
                  AND spent.artifact_id = summary.artifact_id)
"""

_MARK = f"""
UPDATE summary
   SET changes = changes + 1, state = 'waiting', attempts = 0,
       next_attempt_at = greatest(now(), next_attempt_at, written_at + interval '{PAUSE.total_seconds()} seconds')
 WHERE organization_id = $1
   AND artifact_id IN (SELECT artifact_id FROM summary WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
                        ORDER BY artifact_id FOR UPDATE)
"""  # noqa: S608 - a constant

QUEUE = WorkQueue(
    WorkKind.SUMMARY,
    joins=(
        "JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = summary.connection_id"
    ),
    due=f"{WAITING} AND connection.state = 'active' AND connection.summaries",
    order="summary.next_attempt_at",
    lease=LEASE,
)

_COLUMNS = f"""
summary.artifact_id, summary.sealed_place, summary.sealed_remote, summary.digest, summary.changes, {COLUMNS}
"""

# A change in the meantime keeps it waiting.
_RESTS = f"""
state = CASE WHEN summary.changes = chosen.changes THEN 'processed' ELSE 'waiting' END,
next_attempt_at = now() + interval '{PAUSE.total_seconds()} seconds'
"""
_WRITTEN = QUEUE.completing(
    f"{_RESTS}, sealed_remote = chosen.sealed_remote, digest = chosen.digest, written_at = now()",
    {"changes": "bigint", "sealed_remote": "bytea", "digest": "bytea"},
)
_LEFT = QUEUE.completing(_RESTS, {"changes": "bigint"})

_ALLOWED = """
UPDATE connection SET summaries_failure = NULL
 WHERE organization_id = $1 AND connection_id = $2 AND summaries_failure IS NOT NULL
"""

_REFUSED = "UPDATE connection SET summaries_failure = $3 WHERE organization_id = $1 AND connection_id = $2"

_PUT_OFF = """
UPDATE summary SET next_attempt_at = greatest(next_attempt_at, now() + $3::interval)
 WHERE organization_id = $1
   AND artifact_id IN (SELECT artifact_id FROM summary
                        WHERE organization_id = $1 AND connection_id = $2 AND state = 'waiting'
                        ORDER BY artifact_id FOR UPDATE)
"""

_FORGET = """
DELETE FROM summary
 WHERE organization_id = $1
   AND artifact_id IN (
       SELECT artifact_id FROM summary AS kept
        WHERE organization_id = $1
          AND (ends_at <= $2 OR EXISTS (SELECT FROM connection AS gone
                                         WHERE gone.organization_id = $1 AND gone.connection_id = kept.connection_id
                                           AND (gone.state = 'deleted' OR NOT gone.summaries)))
        FOR UPDATE SKIP LOCKED)
"""

Sealed = TypeVar("Sealed", Place, Remote)


@dataclass(frozen=True, slots=True)
class ReportedPullRequest:
    """A pull request as reported by a connection at an instant of the forge, and when it ended, if it did."""

    artifact_id: bytes
    connection_id: UUID
    place: Place
    reported_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A summary leased by this worker."""

    organization_id: int
    artifact_id: bytes
    connection_id: UUID
    forge: str
    place: Place
    remote: Remote | None
    digest: bytes | None
    changes: int
    access: Access | None


async def enabled(tenant: Tenant) -> set[UUID]:
    """Return connections whose pull requests show their figures."""
    return {row["connection_id"] for row in await tenant.fetch(_ENABLED)}


async def record(tenant: Tenant, vault: Vault, reported: Iterable[ReportedPullRequest]) -> None:
    """Record where pull requests are, by the latest report; call at the end of a transaction, as settling does."""
    newest: dict[bytes, ReportedPullRequest] = {}
    for each in reported:
        if each.artifact_id not in newest or newest[each.artifact_id].reported_at <= each.reported_at:
            newest[each.artifact_id] = each
    rows = [
        (
            each.artifact_id,
            each.connection_id,
            vault.seal(tenant.organization_id, msgspec.json.encode(each.place)),
            each.reported_at,
            each.ended_at and each.ended_at + AFTERMATH,
        )
        for each in newest.values()
    ]
    if rows:
        await tenant.execute(_NOTE, *rows_as_columns(rows))


async def find_shown(tenant: Tenant, team_id: int, days: Collection[date]) -> frozenset[bytes]:
    """Return pull requests with a summary that have tokens of these team-days."""
    rows = await tenant.fetch(_SHOWN_OF, team_id, sorted(days))
    return frozenset(row["artifact_id"] for row in rows)


async def mark(tenant: Tenant, artifact_ids: Collection[bytes]) -> None:
    """Mark summaries for rewriting, in the transaction that changed their figures."""
    if artifact_ids:
        await tenant.execute(_MARK, sorted(artifact_ids))


async def claim(tenant: Tenant, vaults: AccessVaults, vault: Vault) -> Claim | None:
    """Claim and lease the summary that waited longest; after a crash, the lease expires."""
    found = await QUEUE.claim(tenant, _COLUMNS, limit=1, more=APP)
    if not found:
        return None
    row = found[0]
    await QUEUE.hold(tenant, [(row["artifact_id"],)])
    # On GitHub only Apps may write check runs, so a token is ignored.
    place_of_access = {**row, "sealed_token": None} if row["forge"] == "github" else row
    remote = row["sealed_remote"]
    return Claim(
        organization_id=tenant.organization_id,
        place=_opened(vault, tenant.organization_id, row["sealed_place"], Place),
        remote=None if remote is None else _opened(vault, tenant.organization_id, remote, Remote),
        access=vaults.access(tenant.organization_id, place_of_access),
        **{name: row[name] for name in ("artifact_id", "connection_id", "forge", "digest", "changes")},
    )


def _opened(vault: Vault, organization_id: int, sealed: bytes, kind: type[Sealed]) -> Sealed:
    return msgspec.json.decode(vault.open(organization_id, sealed), type=kind)


async def complete(tenant: Tenant, claimed: Claim, vault: Vault, written: tuple[Remote, bytes] | None = None) -> None:
    """Complete a summary: `written` with a text of this digest, or unchanged."""
    if written is None:
        await QUEUE.run(tenant, _LEFT, [(claimed.artifact_id, claimed.changes)])
        return
    remote, digest = written
    sealed = vault.seal(claimed.organization_id, msgspec.json.encode(remote))
    await QUEUE.run(tenant, _WRITTEN, [(claimed.artifact_id, claimed.changes, sealed, digest)])
    await tenant.execute(_ALLOWED, claimed.connection_id)


async def refuse(tenant: Tenant, claimed: Claim, failure: str) -> None:
    """Record a refusal for the connection, and write none of its summaries for a while."""
    await tenant.execute(_REFUSED, claimed.connection_id, failure)
    await tenant.execute(_PUT_OFF, claimed.connection_id, REFUSED_PAUSE)


async def defer(tenant: Tenant, claimed: Claim, until: datetime, failure: str) -> None:
    """Postpone, because the forge accepts no requests before an instant; not counted as a failed attempt."""
    await QUEUE.defer(tenant, [(claimed.artifact_id,)], until, failure)


async def back_off(tenant: Tenant, claimed: Claim, failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or wait for the next change once the limit is reached."""
    await QUEUE.back_off(tenant, [(claimed.artifact_id,)], failure, retry)


async def forget(tenant: Tenant, until: datetime) -> None:
    """Delete expired summaries, and those of connections that no longer show any."""
    await tenant.execute(_FORGET, until)
