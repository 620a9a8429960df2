"""What every job uses: settings, database, queue and organization keys. One instance per process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from key_services.configured import ring_of
from schema.database import Database
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.settings import Settings
from workers.forges.clients import Clients
from workers.forges.memberships import Memberships


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """The collaborators of a job; tests pass their own."""

    settings: Settings
    database: Database
    queue: Queue
    organization_keys: OrganizationKeys
    forges: Clients = field(default_factory=lambda: Clients(allow_private=False))
    memberships: Memberships = field(default_factory=Memberships)


@asynccontextmanager
async def open_context(settings: Settings) -> AsyncIterator[WorkerContext]:
    """Open a context and close its connections when the block ends.

    Raises SetUpError without a secret key. PostgreSQL and Redis need not be reachable yet.
    """
    database = Database(settings.worker_url, settings.database_pool_size, is_pooled=settings.transaction_pooling)
    queue = Queue(settings.redis_url)
    keys = OrganizationKeys(database, ring_of(settings))
    await database.open()
    try:
        yield WorkerContext(
            settings=settings,
            database=database,
            queue=queue,
            organization_keys=keys,
            forges=Clients(allow_private=settings.allow_private_hosts),
        )
    finally:
        await queue.close()
        await database.close()
