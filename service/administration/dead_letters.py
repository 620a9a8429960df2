"""Listing and replaying dead letters."""

from schema.errors import NotFoundError
from schema.queue import Queue
from schema.settings import Settings
from schema.work_rows import ROWS
from service.administration.organizations import find_organization, opened
from service.audit.store import OPERATOR, record_act
from service.queries.upkeep import dead_letters
from service.queries.upkeep.dead_letters import DeadLetter


async def list_dead_letters(settings: Settings, organization: int | None) -> list[DeadLetter]:
    """List an organization's dead letters, oldest first."""
    async with opened(settings) as database:
        organization_id = await find_organization(database, organization)
        if organization_id is None:
            return []
        async with database.organization(organization_id) as tenant:
            return await dead_letters.list_dead_letters(tenant)


async def replay(settings: Settings, organization: int | None, letter_id: str | None) -> int:
    """Replay one dead letter, or with None all that can be replayed, and wake the workers; returns their number.

    Raises NotFoundError if `letter_id` does not exist or can no longer be replayed.
    """
    async with opened(settings) as database:
        organization_id = await find_organization(database, organization)
        replayed = {}
        if organization_id is not None:
            async with database.organization(organization_id) as tenant:
                replayed = await dead_letters.replay(tenant, letter_id)
                await record_act(tenant, OPERATOR, "shipledger dead-letters replay", letter_id or "")
    if letter_id is not None and not any(replayed.values()):
        raise NotFoundError(
            "no dead letter has this id, or its body was deleted; list dead letters with: shipledger dead-letters list"
        )
    if organization_id is not None:
        queue = Queue(settings.redis_url)
        for kind in (kind for kind, count in replayed.items() if count):
            await queue.wake(ROWS[kind].job, organization_id)
        await queue.close()
    return sum(replayed.values())
