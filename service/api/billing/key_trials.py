"""Whether the key of a provider account works: a worker fetches a first report while the request waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from schema.database import Database
from schema.queue import Job, Queue
from service.api.trials import wait_for
from service.contracts.trial import Trial
from service.failures import failure_sentence, standing_of
from service.queries.billing.provider_accounts import list_accounts

NOT_YET = "No worker has tried it yet. See GET /api/v1/provider-accounts, or check the installation: shipledger doctor."

# After a fetch of everything, the next one is due later than any lease of a worker ends.
_LONGEST_LEASE = timedelta(minutes=30)


async def try_key(database: Database, queue: Queue, organization_id: int, account_id: UUID, wait: timedelta) -> Trial:
    """Wake a worker and return what it found, or that it has not tried the key within `wait`."""
    first = await _account(database, organization_id, account_id)
    await queue.wake(Job.PULL_PROVIDER_USAGE, organization_id)

    async def read() -> Trial | None:
        now = await _account(database, organization_id, account_id)
        if now["failure"]:
            return Trial(standing_of(now["failure"], otherwise="works"), failure_sentence(now["failure"]))
        is_fetched = now["next_attempt_at"] > first["next_attempt_at"] + _LONGEST_LEASE
        return Trial("works") if is_fetched or now["next_day"] != first["next_day"] else None

    return await wait_for(read, wait) or Trial("running", NOT_YET)


async def _account(database: Database, organization_id: int, account_id: UUID) -> Mapping[str, Any]:
    async with database.organization(organization_id) as tenant:
        (row,) = await list_accounts(tenant, account_id)
    return dict(row)
