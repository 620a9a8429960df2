"""The one door: a transaction in which facts are recorded, and everything that follows from them.

Facts are recorded inside `async with recording(...)`. Its end derives releases and outcomes, takes locks in one order,
marks team-days as stale and, after the commit, wakes the jobs that have work.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from key_services.configured import ring_of
from schema.database import Tenant
from schema.encryption import Vault
from schema.identifiers import Hasher
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.changes import Changes
from workers.facts.invalidate import invalidate
from workers.facts.scope import ForgeScope
from workers.stores.forge import deliveries, summaries
from workers.stores.forge.outcomes import ForgeChanges, derive
from workers.stores.forge.summaries import ReportedPullRequest

# A pull request is summed once for all of a backlog, not after each batch: 1.1 times as many deliveries per CPU second.
CAN_WAIT = frozenset({Job.ROLL_UP_SPEND})

_SHOWS_LABELS = "SELECT show_labels FROM organization WHERE organization_id = $1"


@dataclass(slots=True)
class Recording:
    """One organization's transaction; `jobs` are woken after the commit, besides those that the changes need.

    `summaries` are pull requests whose figures are written to their forge.
    """

    tenant: Tenant
    hasher: Hasher
    names: Vault
    shows_labels: bool
    changes: Changes = field(default_factory=Changes)
    summaries: list[ReportedPullRequest] = field(default_factory=list)
    jobs: set[Job] = field(default_factory=set)

    def scope(self, forge: str) -> ForgeScope:
        """Return the scope in which facts of a forge are recorded."""
        return ForgeScope(self.tenant, self.hasher, forge, self.names, self.shows_labels, self.changes)

    @asynccontextmanager
    async def attempt(self, forge: str) -> AsyncIterator[ForgeScope]:
        """Open a scope that an error rolls back, with its changes."""
        scope = ForgeScope(self.tenant, self.hasher, forge, self.names, self.shows_labels)
        async with self.tenant.transaction():
            yield scope
        self.changes.add(scope.changes)

    async def finish(self, summary_vault: Vault) -> None:
        """Derive everything that follows from the recorded facts."""
        await derive(self.tenant, self.changes.forge)
        if self.changes.forge != ForgeChanges():
            self.jobs.add(Job.ROLL_UP_SPEND)
        if await invalidate(self.tenant, self.changes):
            self.jobs.add(Job.SETTLE_DAYS)
        if self.changes.trunks:
            self.jobs.add(Job.FOLD_TOKEN_EVENTS)
        await summaries.record(self.tenant, summary_vault, self.summaries)


@asynccontextmanager
async def recording(
    context: WorkerContext, organization_id: int, later: set[Job] | None = None
) -> AsyncIterator[Recording]:
    """Record facts of one organization, exclusively.

    A caller that records a backlog passes `later`: jobs that can wait are added to it instead of woken, and the caller
    wakes them at the end. If it fails before, the sweep finds their work.

    Raises UnavailableError when PostgreSQL becomes unavailable before the commit; then nothing is stored and no job
    woken.
    """
    hasher = await context.organization_keys.hasher(organization_id)
    ring = ring_of(context.settings)
    async with context.database.organization(organization_id) as tenant:
        await deliveries.lock(tenant)
        shows_labels = bool(await tenant.fetchval(_SHOWS_LABELS))
        opened = Recording(tenant, hasher, Vault(ring, "repository-name"), shows_labels)
        yield opened
        await opened.finish(Vault(ring, summaries.PURPOSE))
    if later is not None:
        later |= opened.jobs & CAN_WAIT
        opened.jobs -= CAN_WAIT
    for job in sorted(opened.jobs):
        await context.queue.wake(job, organization_id)
