"""Find the teams of pull request authors, fetched together with other facts.

Only for connections that sync teams, and for repositories that have no team. Authors and memberships are kept in
memory for a while, as digests that mean nothing elsewhere.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from workers.context import WorkerContext
from workers.facts.author_teams import counted_teams, has_team
from workers.facts.synced_teams import forge_team_id
from workers.forge_access.access import Access
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.model import Facts, PullRequestFacts
from workers.forges.pages import ForgeClient
from workers.team_sync.authors import team_of_author
from workers.team_sync.forge_teams import ForgeTeam

logger = structlog.get_logger()


async def fetch_author_teams(
    context: WorkerContext,
    organization_id: int,
    access: Access,
    client: ForgeClient,
    repository: Listed,
    facts: Sequence[Facts],
) -> dict[int, int]:
    """Return the author's team id by pull request number, where known; raises TryLaterError."""
    numbers = [each.number for each in facts if isinstance(each, PullRequestFacts)]
    if not numbers:
        return {}
    hasher = await context.organization_keys.hasher(organization_id)
    async with context.database.organization(organization_id) as tenant:
        counted = await counted_teams(tenant, access.connection_id)
        if not counted or await has_team(tenant, hasher.repository_by_id(access.host, repository.forge_id)):
            return {}
    try:
        teams = await _teams(context, access, client, repository)
        authors = await asyncio.to_thread(client.teams.authors, repository, numbers) if teams else {}
    except RefusedError as error:
        logger.warning("author_teams_refused", status=error.status)
        return {}
    people = defaultdict[int, frozenset[bytes]](frozenset)
    for team in teams:
        if (team_id := counted.get(forge_team_id(hasher, access.host, team))) is not None:
            people[team_id] |= team.people
    found = {number: team_of_author(author, people) for number, author in authors.items()}
    return {number: team_id for number, team_id in found.items() if team_id is not None}


async def _teams(
    context: WorkerContext, access: Access, client: ForgeClient, repository: Listed
) -> Sequence[ForgeTeam]:
    """Return the teams at the repository's place. A refusal is cached for a while, too."""
    place = client.teams.place(repository)
    now = datetime.now(UTC)
    known = context.memberships.find(access.connection_id, place, now)
    if known is None:
        try:
            known = await asyncio.to_thread(client.teams.read, place, [])
        except RefusedError:
            context.memberships.keep(access.connection_id, place, [], now)
            raise
        context.memberships.keep(access.connection_id, place, known, now)
    return known
