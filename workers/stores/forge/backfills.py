"""Backfills in steps; one worker at a time processes the next due step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from schema.backfills import DEFAULT_SPAN, LISTING
from schema.database import Tenant
from schema.encryption import Vault
from schema.kinds import BackfillStage
from schema.work_rows import WorkKind
from workers.forge_access.access import Access
from workers.forge_access.listed import Listed
from workers.stores.forge.accesses import APP, COLUMNS, AccessVaults
from workers.work_queue import WAITING, Retry, WorkQueue

# Longer than the slowest page; afterwards another worker may claim the step of a killed one.
LEASE = timedelta(minutes=3)

# In order of beginning, so that a repository is finished before the next. Forges prefer sequential requests, so an
# organization has one step at a time, and none of a suspended installation.
QUEUE = WorkQueue(
    WorkKind.BACKFILL,
    lock="backfills",
    joins=(
        "JOIN backfill ON backfill.organization_id = {organization}"
        " AND backfill.backfill_id = backfill_step.backfill_id"
        " JOIN connection ON connection.organization_id = {organization}"
        " AND connection.connection_id = backfill.connection_id"
    ),
    due=f"{WAITING} AND connection.state <> 'suspended'",
    order="backfill_step.begun_at NULLS LAST, backfill_step.backfill_id, backfill_step.repository",
    lease=LEASE,
    lease_column="leased_until",
    on_lease="begun_at = least(begun_at, now())",
    on_end="sealed_name = NULL, cursor = NULL, finished_at = now()",
)

# Connections of registered Apps without a first backfill, which has the id of the connection. `{organization}` is the
# organization's id.
UNFETCHED = """
SELECT unfetched.connection_id FROM connection AS unfetched
 WHERE unfetched.organization_id = {organization} AND unfetched.registration_id IS NOT NULL
   AND unfetched.state <> 'deleted'
   AND NOT EXISTS (SELECT 1 FROM backfill AS known
                    WHERE known.organization_id = {organization} AND known.backfill_id = unfetched.connection_id)
"""
_UNFETCHED = UNFETCHED.format(organization="$1")

# Two workers may start the first one at the same time.
_BEGIN = """
INSERT INTO backfill (organization_id, backfill_id, connection_id, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""

_BEGIN_LISTING = """
INSERT INTO backfill_step (organization_id, backfill_id, repository, stage) VALUES ($1, $2, $3, 'list')
    ON CONFLICT DO NOTHING
"""

_STEP = f"""
backfill_step.backfill_id, backfill_step.repository, backfill_step.sealed_name, backfill_step.stage,
backfill_step.cursor, least(backfill_step.begun_at, now()) AS begun_at, backfill.since, backfill.is_dry_run, {COLUMNS}
"""

_ADD = """
INSERT INTO backfill_step (organization_id, backfill_id, repository, sealed_name, stage)
SELECT $1, $2, reported.*, 'pull_requests' FROM unnest($3::bytea[], $4::bytea[]) AS reported
    ON CONFLICT DO NOTHING
"""

_GO_ON = QUEUE.completing(
    "stage = chosen.stage, cursor = chosen.cursor,"
    " pull_requests = backfill_step.pull_requests + chosen.pull_requests,"
    " releases = backfill_step.releases + chosen.releases,"
    " expected = coalesce(chosen.expected, backfill_step.expected)",
    {"stage": "text", "cursor": "text", "pull_requests": "bigint", "releases": "bigint", "expected": "bigint"},
)

_COUNT = "UPDATE backfill SET requests = requests + $3 WHERE organization_id = $1 AND backfill_id = $2"


class _Name(msgspec.Struct):
    """A repository as sealed in a step; a single requested one has no number yet."""

    path: str
    forge_id: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step leased by this worker. `wanted` is the requested repository, or None for all."""

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


async def begin_missing(tenant: Tenant) -> None:
    """Start the backfill of each installed App that has none."""
    for row in await tenant.fetch(_UNFETCHED):
        await begin(tenant, row["connection_id"], backfill_id=row["connection_id"])


async def begin(tenant: Tenant, connection_id: UUID, backfill_id: UUID | None = None) -> None:
    """Start a backfill of the default span with a step that lists repositories."""
    backfill_id = await begin_without_steps(tenant, connection_id, backfill_id)
    await tenant.execute(_BEGIN_LISTING, backfill_id, LISTING)


async def begin_without_steps(tenant: Tenant, connection_id: UUID, backfill_id: UUID | None = None) -> UUID:
    """Start a backfill of the default span for known repositories; `add_repositories` adds their steps."""
    backfill_id = backfill_id or uuid4()
    await tenant.execute(_BEGIN, backfill_id, connection_id, datetime.now(UTC) - DEFAULT_SPAN)
    return backfill_id


async def claim(tenant: Tenant, vaults: AccessVaults, names: Vault) -> Step | None:
    """Claim and lease the next due step; after a crash, the lease expires."""
    found = await QUEUE.claim(tenant, _STEP, limit=1, more=APP)
    if not found:
        return None
    row = found[0]
    await QUEUE.hold(tenant, [(row["backfill_id"], row["repository"])])
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


async def add_repositories(
    tenant: Tenant, backfill_id: UUID, names: Vault, found: Sequence[tuple[bytes, Listed]]
) -> None:
    """Add a step for each repository, by hash and current name; existing steps stay."""
    sealed = [
        names.seal(tenant.organization_id, msgspec.json.encode(_Name(each.path, each.forge_id))) for _, each in found
    ]
    hashes = [repository for repository, _ in found]
    await tenant.execute(_ADD, backfill_id, hashes, sealed)


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
    """Record the step's progress; it is due again at once."""
    await QUEUE.run(tenant, _GO_ON, [(*step.key, stage, cursor, pull_requests, releases, expected)])


async def complete(tenant: Tenant, step: Step) -> None:
    """Complete the step."""
    await QUEUE.complete(tenant, [step.key])


async def give_up(tenant: Tenant, step: Step, failure: str) -> None:
    """Give up the step."""
    await QUEUE.give_up(tenant, [step.key], failure)


async def defer(tenant: Tenant, step: Step, until: datetime, failure: str) -> None:
    """Postpone, because the forge accepts no requests before an instant; not counted as a failed attempt."""
    await QUEUE.defer(tenant, [step.key], until, failure)


async def back_off(tenant: Tenant, step: Step, failure: str, retry: Retry) -> None:
    """Record a failed attempt: retry later, or give up once the limit is reached."""
    await QUEUE.back_off(tenant, [step.key], failure, retry)


async def count_requests(tenant: Tenant, step: Step, requests: int) -> None:
    """Add to the requests that the backfill used."""
    if requests:
        await tenant.execute(_COUNT, step.backfill_id, requests)
