"""Whether a new access token works: a worker tries it at the forge while the request waits."""

from datetime import timedelta

from schema.database import Database
from schema.queue import Job, Queue
from service.api.trials import wait_for
from service.connections.names import ConnectionName
from service.contracts.trial import Trial
from service.failures import failure_sentence, standing_of
from service.queries.forge.repairs import read_trial

NOT_YET = "No worker has tried it yet. See `repairs` of this connection, or check the installation: shipledger doctor."


async def try_token(database: Database, queue: Queue, name: ConnectionName, wait: timedelta) -> Trial:
    """Wake a worker and return what it found, or that it has not tried the token within `wait`."""
    await queue.wake(Job.REPAIR, name.organization_id)

    async def read() -> Trial | None:
        async with database.organization(name.organization_id) as tenant:
            trial = await read_trial(tenant, name.connection_id)
        if trial is None or not trial["is_over"]:
            return None
        return Trial(standing_of(trial["failure"], otherwise="works"), failure_sentence(trial["failure"]))

    return await wait_for(read, wait) or Trial("running", NOT_YET)
