"""Find the code owners of changed paths, fetched together with other facts."""

import asyncio
from collections.abc import Sequence

import structlog

from schema.kinds import PullRequestState
from workers.context import WorkerContext
from workers.facts.code_owners import has_code_owners
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.model import Facts, PullRequestFacts
from workers.forges.code import find_owners
from workers.forges.pages import ForgeClient

logger = structlog.get_logger()


async def fetch_owners(
    context: WorkerContext, organization_id: int, client: ForgeClient, repository: Listed, facts: Sequence[Facts]
) -> dict[int, list[str]]:
    """Return the owning handles of each merged pull request by number, the owner of most paths first.

    Empty if no handle is mapped to a team or the access cannot read code. Raises ForgeError.
    """
    merged = [
        each.number for each in facts if isinstance(each, PullRequestFacts) and each.state is PullRequestState.MERGED
    ]
    if not merged:
        return {}
    async with context.database.organization(organization_id) as tenant:
        if not await has_code_owners(tenant):
            return {}
    try:
        return await asyncio.to_thread(find_owners, client.code, repository, merged)
    except RefusedError as error:
        logger.warning("code_owners_refused", status=error.status)
        return {}
