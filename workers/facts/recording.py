"""The one door: a transaction in which facts are recorded, and at whose end everything follows from them.

Inside `async with recording(...)` facts are stored. Its end derives releases and outcomes, takes its locks in one
order, marks team-days as stale, and, once all that is committed, wakes the jobs that have work by it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from schema.database import Tenant
from schema.encryption import Vault
from schema.identifiers import Hasher
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.changes import Changes
from workers.facts.invalidate import invalidate
from workers.facts.scope import ForgeScope
from workers.stores.forge import deliveries, summaries
from workers.stores.forge.outcomes import derive
from workers.stores.forge.summaries import ReportedPullRequest

_SHOWS_LABELS = "SELECT show_labels FROM organization WHERE organization_id = $1"


@dataclass(slots=True)
class Recording:
    """One organization's transaction; `jobs` are woken once it is committed, in addition to what the changes need.

    `summaries` are pull requests whose figures are to be written to their forge.
    """

    tenant: Tenant
    hasher: Hasher
    names: Vault
    shows_labels: bool
    changes: Changes = field(default_factory=Changes)
    summaries: list[ReportedPullRequest] = field(default_factory=list)
    jobs: set[Job] = field(default_factory=set)

    def scope(self, forge: str) -> ForgeScope:
        """What facts of a forge are recorded in."""
        return ForgeScope(self.tenant, self.hasher, forge, self.names, self.shows_labels, self.changes)

    @asynccontextmanager
    async def attempt(self, forge: str) -> AsyncIterator[ForgeScope]:
        """A scope that counts for nothing when an error ends it: its rows are taken back, and so are its changes."""
        scope = ForgeScope(self.tenant, self.hasher, forge, self.names, self.shows_labels)
        async with self.tenant.transaction():
            yield scope
        self.changes.add(scope.changes)

    async def finish(self, summary_vault: Vault) -> None:
        """Everything that follows from what was recorded."""
        await derive(self.tenant, self.changes.forge)
        if await invalidate(self.tenant, self.changes):
            self.jobs.add(Job.SETTLE_DAYS)
        if self.changes.trunks:
            self.jobs.add(Job.FOLD_TOKEN_EVENTS)
        await summaries.note(self.tenant, summary_vault, self.summaries)


@asynccontextmanager
async def recording(context: WorkerContext, organization_id: int) -> AsyncIterator[Recording]:
    """Record facts of one organization; nothing else records facts of it meanwhile.

    Raises UnavailableError when PostgreSQL goes away before the commit; nothing is stored then, and no job is woken.
    """
    hasher = await context.organization_keys.hasher(organization_id)
    secret = context.settings.secret_key.get_secret_value()
    async with context.database.organization(organization_id) as tenant:
        await deliveries.lock(tenant)
        shows_labels = bool(await tenant.fetchval(_SHOWS_LABELS))
        opened = Recording(tenant, hasher, Vault(secret, "repository-name"), shows_labels)
        yield opened
        await opened.finish(Vault(secret, summaries.PURPOSE))
    for job in sorted(opened.jobs):
        await context.queue.wake(job, organization_id)
