"""Whose code pull requests change, asked of the forge beside what else it tells of them."""

import asyncio
from collections.abc import Sequence

import structlog

from schema.kinds import PullRequestState
from workers.context import WorkerContext
from workers.facts.code_owners import are_there_owners
from workers.facts.model import Facts, PullRequestFacts
from workers.forges.code import find_owners
from workers.forges.errors import RefusedError
from workers.forges.listed import Listed
from workers.forges.pages import ForgeClient

logger = structlog.get_logger()


async def ask_owners(
    context: WorkerContext, organization_id: int, client: ForgeClient, repository: Listed, reported: Sequence[Facts]
) -> dict[int, list[str]]:
    """By number the handles that own what each merged one changes, that of most paths first.

    None where no handle means a team, or where the access shows no code. Raises ForgeError.
    """
    merged = [
        each.number for each in reported if isinstance(each, PullRequestFacts) and each.state is PullRequestState.MERGED
    ]
    if not merged:
        return {}
    async with context.database.organization(organization_id) as tenant:
        if not await are_there_owners(tenant):
            return {}
    try:
        return await asyncio.to_thread(find_owners, client.code, repository, merged)
    except RefusedError as error:
        logger.warning("code_owners_refused", status=error.status)
        return {}
