"""Enrichments: those of one repository that are due, taken for a while by one worker, and what became of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.database import Tenant
from schema.encryption import Vault
from schema.kinds import EnrichmentSubject
from workers.facts.enrichment_requests import AskedName
from workers.forges.clients import Access
from workers.forges.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults

# Longer than a batch takes at its slowest; after it, the rows of a worker that was killed are anybody's.
LEASE = timedelta(minutes=5)
BATCH = 20

# Forges ask for one request after another, so an organization has one batch under way.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('enrichments', $1::bigint))"

# Pull requests first: what a release ships is told of pull requests. A suspended installation is asked nothing.
_FIRST = f"""
SELECT due.subject, due.repository_id, {COLUMNS}
  FROM enrichment AS due
  JOIN connection ON connection.organization_id = $1 AND connection.connection_id = due.connection_id {APP}
 WHERE due.organization_id = $1 AND due.state = 'waiting' AND due.next_attempt_at <= now()
   AND connection.state <> 'suspended'
   AND NOT EXISTS (SELECT FROM enrichment AS taken
                    WHERE taken.organization_id = $1 AND taken.state = 'waiting' AND taken.leased_until > now())
 ORDER BY due.subject, due.next_attempt_at, due.artifact_id LIMIT 1
"""  # noqa: S608 - constants of ours

_TAKE = """
UPDATE enrichment AS taken SET leased_until = now() + $5::interval
  FROM (SELECT artifact_id FROM enrichment
         WHERE organization_id = $1 AND connection_id = $2 AND repository_id = $3 AND subject = $4
           AND state = 'waiting' AND next_attempt_at <= now()
         ORDER BY next_attempt_at, artifact_id LIMIT $6) AS due
 WHERE taken.organization_id = $1 AND taken.artifact_id = due.artifact_id
RETURNING taken.artifact_id, taken.sealed_name, taken.requested_at
"""

# Asked again meanwhile it is not done, and is due at once.
_END = """
UPDATE enrichment AS ended
   SET state = $4, failure = $5, sealed_name = NULL, finished_at = now(), leased_until = NULL, attempts = 0
  FROM unnest($2::bytea[], $3::timestamptz[]) AS asked (artifact_id, requested_at)
 WHERE ended.organization_id = $1 AND ended.artifact_id = asked.artifact_id AND ended.requested_at = asked.requested_at
"""

_RELEASE = "UPDATE enrichment SET leased_until = NULL WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])"

_DEFER = """
UPDATE enrichment SET next_attempt_at = $3, failure = $4, leased_until = NULL
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""

_BACK_OFF = """
UPDATE enrichment
   SET attempts = attempts + 1, failure = $3, leased_until = NULL,
       state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'waiting' END,
       sealed_name = CASE WHEN attempts + 1 >= $4 THEN NULL ELSE sealed_name END,
       next_attempt_at = now() + $5::interval * power(2, attempts) * (0.75 + random() / 2)
 WHERE organization_id = $1 AND artifact_id = ANY($2::bytea[])
"""

_COMPARED = """
UPDATE enrichment AS known SET base_id = reported.base_id, noted = reported.noted, agreed = reported.agreed
  FROM unnest($2::bytea[], $3::bytea[], $4::integer[], $5::integer[]) AS reported (artifact_id, base_id, noted, agreed)
 WHERE known.organization_id = $1 AND known.artifact_id = reported.artifact_id
"""

_SHIP_NOTHING = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND repository_id = $2 AND state NOT IN ('published', 'prerelease', 'tag')
"""


class Asked(NamedTuple):
    """One row: the artifact, its number where it is a pull request, and when it was asked for."""

    artifact_id: bytes
    number: int | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class EnrichmentBatch:
    """Rows of one repository and subject that this worker has for as long as the lease lasts."""

    organization_id: int
    subject: EnrichmentSubject
    repository_id: bytes
    access: Access | None
    connection_id: UUID
    listed: Listed
    asked: tuple[Asked, ...]

    @property
    def ids(self) -> list[bytes]:
        """The artifacts."""
        return [each.artifact_id for each in self.asked]


class Compared(NamedTuple):
    """What a release was compared with, and how the forge's own notes agree; None where there are none."""

    release_id: bytes
    base_id: bytes | None
    noted: int | None
    agreed: int | None


async def claim(tenant: Tenant, vaults: AccessVaults, names: Vault) -> EnrichmentBatch | None:
    """What is due of one repository; whoever is killed with it loses it when the lease ends."""
    await tenant.execute(_LOCK)
    first = await tenant.fetchrow(_FIRST)
    if first is None:
        return None
    place = (first["connection_id"], first["repository_id"], first["subject"])
    rows = await tenant.fetch(_TAKE, *place, LEASE, BATCH)
    rows = sorted(rows, key=lambda row: (row["requested_at"], row["artifact_id"]))
    reported = [
        msgspec.json.decode(names.open(tenant.organization_id, row["sealed_name"]), type=AskedName) for row in rows
    ]
    return EnrichmentBatch(
        organization_id=tenant.organization_id,
        subject=EnrichmentSubject(first["subject"]),
        repository_id=first["repository_id"],
        access=vaults.access(tenant.organization_id, first),
        connection_id=first["connection_id"],
        # By its newest name.
        listed=Listed(reported[-1].forge_id, reported[-1].path),
        asked=tuple(
            Asked(row["artifact_id"], name.number, row["requested_at"])
            for row, name in zip(rows, reported, strict=True)
        ),
    )


async def end(tenant: Tenant, asked: Collection[Asked], state: str, failure: str | None = None) -> None:
    """These are done, or will never be, unless they were asked for again."""
    ids = [each.artifact_id for each in asked]
    await tenant.execute(_END, ids, [each.requested_at for each in asked], state, failure)
    await tenant.execute(_RELEASE, ids)


async def defer(tenant: Tenant, batch: EnrichmentBatch, until: datetime, failure: str) -> None:
    """The forge accepts no requests before an instant; this does not count as a failed attempt."""
    await tenant.execute(_DEFER, batch.ids, until, failure)


async def back_off(
    tenant: Tenant, asked: Collection[Asked], *, failure: str, retry_limit: int, retry_base: timedelta
) -> None:
    """Try again later, or never again once the limit is reached."""
    ids = [each.artifact_id for each in asked]
    await tenant.execute(_BACK_OFF, ids, failure, retry_limit, retry_base)


async def note_compared(tenant: Tenant, compared: Collection[Compared]) -> None:
    """Keep what releases were compared with, and how the forge's notes agree."""
    columns = [list(column) for column in zip(*compared, strict=True)]
    if columns:
        await tenant.execute(_COMPARED, *columns)


async def ship_nothing(tenant: Tenant, repository_id: bytes) -> set[bytes]:
    """Releases of a repository that ship nothing, such as drafts: nothing is compared with them."""
    rows = await tenant.fetch(_SHIP_NOTHING, repository_id)
    return {row["artifact_id"] for row in rows}
