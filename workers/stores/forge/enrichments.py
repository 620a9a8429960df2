"""Enrichments: due rows of one repository, leased by one worker, and their results."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.database import Tenant, rows_as_columns
from schema.encryption import Vault
from schema.work_rows import WorkKind
from workers.forge_access.access import Access
from workers.forge_access.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults
from workers.work_queue import WAITING, Retry, WorkQueue


class EnrichmentSubject(StrEnum):
    """What to enrich: a pull request, or the list of pull requests that a release ships."""

    PULL_REQUEST = "pull_request"
    RELEASE = "release"


# Longer than the slowest batch; afterwards another worker may claim the rows of a killed one.
LEASE = timedelta(minutes=5)
BATCH = 20

# Pull requests first, because releases are derived from them. Forges prefer sequential requests, so an organization has
# one batch at a time, and none of a suspended installation.
QUEUE = WorkQueue(
    WorkKind.ENRICHMENT,
    lock="enrichments",
    joins=(
        "JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = enrichment.connection_id"
    ),
    due=f"{WAITING} AND connection.state <> 'suspended'",
    order="enrichment.subject, enrichment.next_attempt_at, enrichment.artifact_id",
    lease=LEASE,
    lease_column="leased_until",
    on_end="sealed_name = NULL, finished_at = now()",
)

_FIRST = f"enrichment.subject, enrichment.repository_id, {COLUMNS}"
_ALIKE = "enrichment.connection_id = $2 AND enrichment.repository_id = $3 AND enrichment.subject = $4"
_REQUESTED = "enrichment.artifact_id, enrichment.sealed_name, enrichment.requested_at"

# A row requested again meanwhile is not complete, and is due at once.
_SINCE = {"requested_at": "timestamptz"}
_IS_SAME = "enrichment.requested_at = chosen.requested_at"
_COMPLETE = QUEUE.completing("state = 'processed'", _SINCE, _IS_SAME)
_GIVE_UP = QUEUE.giving_up(_SINCE, _IS_SAME)

_COMPARED = """
UPDATE enrichment AS known
   SET base_id = reported.base_id, noted_pull_requests = reported.noted, confirmed_pull_requests = reported.confirmed
  FROM unnest($2::bytea[], $3::bytea[], $4::integer[], $5::integer[])
    AS reported (artifact_id, base_id, noted, confirmed)
 WHERE known.organization_id = $1 AND known.artifact_id = reported.artifact_id
"""

_SHIP_NOTHING = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND repository_id = $2
   AND (state NOT IN ('published', 'prerelease', 'tag') OR (family IS NOT NULL AND version IS NULL))
"""


class SealedName(msgspec.Struct):
    """The sealed part of a row: where to ask, and the number of a pull request."""

    path: str
    forge_id: int
    number: int | None = None


class EnrichmentRequest(NamedTuple):
    """One row: the artifact, the number of a pull request, and when it was requested."""

    artifact_id: bytes
    number: int | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class EnrichmentBatch:
    """Rows of one repository and subject, leased by this worker."""

    organization_id: int
    subject: EnrichmentSubject
    repository_id: bytes
    access: Access | None
    connection_id: UUID
    listed: Listed
    requests: tuple[EnrichmentRequest, ...]

    @property
    def ids(self) -> list[bytes]:
        """The artifact ids."""
        return [each.artifact_id for each in self.requests]


class Compared(NamedTuple):
    """The base that a release was compared with, and how the forge's notes agree; None without notes."""

    release_id: bytes
    base_id: bytes | None
    noted: int | None
    confirmed: int | None


async def claim(tenant: Tenant, vaults: AccessVaults, names: Vault) -> EnrichmentBatch | None:
    """Claim and lease the due rows of one repository; after a crash, the lease expires."""
    found = await QUEUE.claim(tenant, _FIRST, limit=1, more=APP)
    if not found:
        return None
    first = found[0]
    place = (first["connection_id"], first["repository_id"], first["subject"])
    rows = await QUEUE.claim(tenant, _REQUESTED, limit=BATCH, also=_ALIKE, arguments=place)
    await QUEUE.hold(tenant, [(row["artifact_id"],) for row in rows])
    rows = sorted(rows, key=lambda row: (row["requested_at"], row["artifact_id"]))
    reported = [
        msgspec.json.decode(names.open(tenant.organization_id, row["sealed_name"]), type=SealedName) for row in rows
    ]
    return EnrichmentBatch(
        organization_id=tenant.organization_id,
        subject=EnrichmentSubject(first["subject"]),
        repository_id=first["repository_id"],
        access=vaults.access(tenant.organization_id, first),
        connection_id=first["connection_id"],
        # By its newest name.
        listed=Listed(reported[-1].forge_id, reported[-1].path),
        requests=tuple(
            EnrichmentRequest(row["artifact_id"], name.number, row["requested_at"])
            for row, name in zip(rows, reported, strict=True)
        ),
    )


async def complete(tenant: Tenant, requests: Collection[EnrichmentRequest]) -> None:
    """Complete rows, unless they were requested again."""
    await QUEUE.run(tenant, _COMPLETE, [(each.artifact_id, each.requested_at) for each in requests])
    await QUEUE.release(tenant, _keys(requests))


async def give_up(tenant: Tenant, requests: Collection[EnrichmentRequest], failure: str) -> None:
    """Give up rows, unless they were requested again."""
    await QUEUE.run(tenant, _GIVE_UP, [(each.artifact_id, failure, each.requested_at) for each in requests])
    await QUEUE.release(tenant, _keys(requests))


async def defer(tenant: Tenant, batch: EnrichmentBatch, until: datetime, failure: str) -> None:
    """Postpone, because the forge accepts no requests before an instant; not counted as a failed attempt."""
    await QUEUE.defer(tenant, _keys(batch.requests), until, failure)


async def back_off(tenant: Tenant, requests: Collection[EnrichmentRequest], failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, _keys(requests), failure, retry)


def _keys(requests: Collection[EnrichmentRequest]) -> list[tuple[bytes]]:
    return [(each.artifact_id,) for each in requests]


async def record_comparisons(tenant: Tenant, compared: Collection[Compared]) -> None:
    """Record what releases were compared with, and how the forge's notes agree."""
    if compared:
        await tenant.execute(_COMPARED, *rows_as_columns(list(compared)))


async def find_unshipping(tenant: Tenant, repository_id: bytes) -> set[bytes]:
    """Return releases of a repository that ship nothing, such as drafts; nothing is compared with them."""
    rows = await tenant.fetch(_SHIP_NOTHING, repository_id)
    return {row["artifact_id"] for row in rows}
