"""Backfills: the next step that is due, taken for a while by one worker, and how far each came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from schema.database import Tenant
from schema.encryption import Vault
from schema.kinds import BackfillStage
from workers.forges.clients import Access
from workers.forges.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults

# Longer than one page takes at its slowest; after it, the step of a worker that was killed is anybody's.
LEASE = timedelta(minutes=3)

# Forges ask for one request after another, so an organization has one step under way.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('backfills', $1::bigint))"

# In the order in which they were begun, so that a repository is done before the next is. A suspended installation is
# asked nothing until it is active again.
_CLAIM = f"""
UPDATE backfill_step AS step
   SET leased_until = now() + $2::interval, begun_at = coalesce(step.begun_at, now())
  FROM (SELECT backfill_id, repository FROM backfill_step
         WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
           AND NOT EXISTS (SELECT FROM backfill AS begun
                             JOIN connection AS resting
                               ON resting.organization_id = $1 AND resting.connection_id = begun.connection_id
                            WHERE begun.organization_id = $1 AND begun.backfill_id = backfill_step.backfill_id
                              AND resting.state = 'suspended')
           AND NOT EXISTS (SELECT FROM backfill_step AS taken
                            WHERE taken.organization_id = $1 AND taken.state = 'waiting' AND taken.leased_until > now())
         ORDER BY begun_at NULLS LAST, backfill_id, repository LIMIT 1) AS due,
       backfill, connection {APP}
 WHERE step.organization_id = $1 AND step.backfill_id = due.backfill_id AND step.repository = due.repository
   AND backfill.organization_id = $1 AND backfill.backfill_id = due.backfill_id
   AND connection.organization_id = $1 AND connection.connection_id = backfill.connection_id
RETURNING step.backfill_id, step.repository, step.sealed_name, step.stage, step.cursor, step.begun_at,
          backfill.since, backfill.is_dry_run, {COLUMNS}
"""  # noqa: S608 - constants of ours

_ADD = """
INSERT INTO backfill_step (organization_id, backfill_id, repository, sealed_name, stage)
SELECT $1, $2, reported.*, 'pull_requests' FROM unnest($3::bytea[], $4::bytea[]) AS reported
    ON CONFLICT DO NOTHING
"""

_GO_ON = """
UPDATE backfill_step
   SET stage = $4, cursor = $5, pull_requests = pull_requests + $6, releases = releases + $7,
       expected = coalesce($8, expected), attempts = 0, failure = NULL, leased_until = NULL
 WHERE organization_id = $1 AND backfill_id = $2 AND repository = $3
"""

_END = """
UPDATE backfill_step
   SET state = $4, failure = $5, sealed_name = NULL, cursor = NULL, finished_at = now()
 WHERE organization_id = $1 AND backfill_id = $2 AND repository = $3
"""

_DEFER = """
UPDATE backfill_step SET next_attempt_at = $4, failure = $5, leased_until = NULL
 WHERE organization_id = $1 AND backfill_id = $2 AND repository = $3
"""

_BACK_OFF = """
UPDATE backfill_step
   SET attempts = attempts + 1, failure = $4, leased_until = NULL,
       state = CASE WHEN attempts + 1 >= $5 THEN 'dead' ELSE 'waiting' END,
       next_attempt_at = now() + $6::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND backfill_id = $2 AND repository = $3
"""

_COUNT = "UPDATE backfill SET requests = requests + $3 WHERE organization_id = $1 AND backfill_id = $2"


class _Name(msgspec.Struct):
    """A repository as sealed in a step; the listing of one that was asked for knows no number yet."""

    path: str
    forge_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that this worker has for as long as the lease lasts. `wanted` is the repository, or none for all."""

    organization_id: int
    backfill_id: UUID
    repository: bytes
    stage: BackfillStage
    cursor: str | None
    begun_at: datetime
    since: datetime
    is_dry_run: bool
    wanted: str | None
    listed: Listed | None
    access: Access | None

    @property
    def key(self) -> tuple[UUID, bytes]:
        """Backfill and repository."""
        return self.backfill_id, self.repository


async def claim(tenant: Tenant, vaults: AccessVaults, names: Vault) -> Step | None:
    """The next step that is due; whoever is killed with it loses it when the lease ends."""
    await tenant.execute(_LOCK)
    row = await tenant.fetchrow(_CLAIM, LEASE)
    if row is None:
        return None
    sealed = row["sealed_name"]
    name = msgspec.json.decode(names.open(tenant.organization_id, sealed), type=_Name) if sealed is not None else None
    return Step(
        organization_id=tenant.organization_id,
        stage=BackfillStage(row["stage"]),
        wanted=name.path if name else None,
        listed=Listed(name.forge_id, name.path) if name and name.forge_id else None,
        access=vaults.access(tenant.organization_id, row),
        **{each: row[each] for each in ("backfill_id", "repository", "cursor", "begun_at", "since", "is_dry_run")},
    )


async def add_repositories(tenant: Tenant, step: Step, names: Vault, found: Sequence[tuple[bytes, Listed]]) -> None:
    """Make a step of each repository; one that has its step keeps it."""
    sealed = [
        names.seal(step.organization_id, msgspec.json.encode(_Name(each.path, each.forge_id))) for _, each in found
    ]
    hashes = [repository for repository, _ in found]
    await tenant.execute(_ADD, step.backfill_id, hashes, sealed)


async def go_on(
    tenant: Tenant,
    step: Step,
    stage: BackfillStage,
    cursor: str | None,
    *,
    pull_requests: int = 0,
    releases: int = 0,
    expected: int | None = None,
) -> None:
    """Note how far the step came; it is due again at once."""
    await tenant.execute(_GO_ON, *step.key, stage, cursor, pull_requests, releases, expected)


async def end(tenant: Tenant, step: Step, state: str, failure: str | None = None) -> None:
    """The step is done, or will never be."""
    await tenant.execute(_END, *step.key, state, failure)


async def defer(tenant: Tenant, step: Step, until: datetime, failure: str) -> None:
    """The forge accepts no requests before an instant; this does not count as a failed attempt."""
    await tenant.execute(_DEFER, *step.key, until, failure)


async def back_off(tenant: Tenant, step: Step, *, failure: str, retry_limit: int, retry_base: timedelta) -> None:
    """Try again later, or never again once the limit is reached."""
    await tenant.execute(_BACK_OFF, *step.key, failure, retry_limit, retry_base)


async def count_requests(tenant: Tenant, step: Step, requests: int) -> None:
    """Add to what the backfill cost of the forge's limit."""
    if requests:
        await tenant.execute(_COUNT, step.backfill_id, requests)
