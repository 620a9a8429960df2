"""Enrichments: those of one repository that are due, taken for a while by one worker, and what became of each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.database import Tenant, rows_as_columns
from schema.encryption import Vault
from schema.failures import Failure
from schema.kinds import EnrichmentSubject
from schema.work_rows import WorkKind
from workers.forge_access.access import Access
from workers.forge_access.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults
from workers.work_queue import WAITING, Retry, WorkQueue

# Longer than a batch takes at its slowest; after it, the rows of a worker that was killed are anybody's.
LEASE = timedelta(minutes=5)
BATCH = 20

# Pull requests first: releases are derived from them. Forges want one request after another, so an organization has one
# batch under way, and none of a suspended installation.
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

# Requested again meanwhile it is not done, and is due at once.
_SINCE = {"requested_at": "timestamptz"}
_IS_SAME = "enrichment.requested_at = chosen.requested_at"
_COMPLETE = QUEUE.completing("state = 'processed'", _SINCE, _IS_SAME)
_GIVE_UP = QUEUE.giving_up(_SINCE, _IS_SAME)

_COMPARED = """
UPDATE enrichment AS known SET base_id = reported.base_id, noted = reported.noted, agreed = reported.agreed
  FROM unnest($2::bytea[], $3::bytea[], $4::integer[], $5::integer[]) AS reported (artifact_id, base_id, noted, agreed)
 WHERE known.organization_id = $1 AND known.artifact_id = reported.artifact_id
"""

_SHIP_NOTHING = """
SELECT artifact_id FROM release
 WHERE organization_id = $1 AND repository_id = $2 AND state NOT IN ('published', 'prerelease', 'tag')
"""


class AskedName(msgspec.Struct):
    """What a row seals: where to ask, and for which number if for one."""

    path: str
    forge_id: int
    number: int | None = None


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
    found = await QUEUE.claim(tenant, _FIRST, limit=1, more=APP)
    if not found:
        return None
    first = found[0]
    place = (first["connection_id"], first["repository_id"], first["subject"])
    rows = await QUEUE.claim(tenant, _REQUESTED, limit=BATCH, also=_ALIKE, arguments=place)
    await QUEUE.hold(tenant, [(row["artifact_id"],) for row in rows])
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


async def complete(tenant: Tenant, asked: Collection[Asked]) -> None:
    """These are done, unless they were requested again."""
    await QUEUE.run(tenant, _COMPLETE, [(each.artifact_id, each.requested_at) for each in asked])
    await QUEUE.release(tenant, _keys(asked))


async def give_up(tenant: Tenant, asked: Collection[Asked], failure: Failure) -> None:
    """These will never be done, unless they were requested again."""
    await QUEUE.run(tenant, _GIVE_UP, [(each.artifact_id, failure, each.requested_at) for each in asked])
    await QUEUE.release(tenant, _keys(asked))


async def defer(tenant: Tenant, batch: EnrichmentBatch, until: datetime, failure: Failure) -> None:
    """The forge accepts no requests before an instant; this does not count as a failed attempt."""
    await QUEUE.defer(tenant, _keys(batch.asked), until, failure)


async def back_off(tenant: Tenant, asked: Collection[Asked], failure: Failure, retry: Retry) -> None:
    """Try again later, or never again once the limit is reached."""
    await QUEUE.back_off(tenant, _keys(asked), failure, retry)


def _keys(asked: Collection[Asked]) -> list[tuple[bytes]]:
    return [(each.artifact_id,) for each in asked]


async def note_compared(tenant: Tenant, compared: Collection[Compared]) -> None:
    """Keep what releases were compared with, and how the forge's notes agree."""
    if compared:
        await tenant.execute(_COMPARED, *rows_as_columns(list(compared)))


async def ship_nothing(tenant: Tenant, repository_id: bytes) -> set[bytes]:
    """Releases of a repository that ship nothing, such as drafts: nothing is compared with them."""
    rows = await tenant.fetch(_SHIP_NOTHING, repository_id)
    return {row["artifact_id"] for row in rows}
