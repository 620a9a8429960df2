"""Compares a forge's lists with what is stored: tags and releases often, two weeks of pull requests every night.

Forges do not send an event for every tag when many are pushed at once, and old lost deliveries are no longer listed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from schema.kinds import BackfillStage
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.answers import record_answers, record_author_teams
from workers.facts.comparison import find_differing_pull_requests, find_missed_releases
from workers.facts.recording import recording
from workers.facts.scope import ForgeScope
from workers.forge_access.access import Access
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forge_events.model import PullRequestFacts, ReleaseFacts
from workers.forges.pages import FactPage, ForgeClient
from workers.jobs.author_teams import fetch_author_teams
from workers.repair.progress import Progress, may_have_news, read_progress, until_night, write_progress
from workers.stores.forge import repairs
from workers.stores.forge.repairs import Check

RELEASE_PAUSE = timedelta(minutes=15)

# A tag pushed today may point to an old commit, and lists sort it by that commit.
TAG_SPAN = timedelta(days=365)

# Everything that changed within this span is compared each night.
COMPARED_SPAN = timedelta(days=14)

UNAUTHORIZED = 401

# Returns which facts of a page to store, and how many of them were missed.
Compare: TypeAlias = Callable[[ForgeScope, FactPage], Awaitable[tuple[Sequence[PullRequestFacts | ReleaseFacts], int]]]


async def poll_releases(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """Find missed tags and releases in changed repositories; return cursor and pause. Raises ForgeError."""
    stages = (BackfillStage.RELEASES, BackfillStage.TAGS)
    progress = await _look(context, check, stages, TAG_SPAN, _missed_releases, only_changed=True)
    return write_progress(progress), RELEASE_PAUSE


async def compare_pull_requests(context: WorkerContext, check: Check) -> tuple[str | None, timedelta]:
    """Find missing or outdated pull requests; return cursor and pause until the next night. Raises ForgeError."""
    stages = (BackfillStage.PULL_REQUESTS,)
    progress = await _look(context, check, stages, COMPARED_SPAN, _differing_pull_requests, only_changed=False)
    return write_progress(progress), until_night(datetime.now(UTC), check.subject_id)


async def _look(
    context: WorkerContext,
    check: Check,
    stages: tuple[BackfillStage, ...],
    span: timedelta,
    compare: Compare,
    *,
    only_changed: bool,
) -> Progress:
    """Go through all repositories page by page. A killed worker's successor continues from the stored page."""
    progress = read_progress(check.cursor)
    now = context.forges.clock.now()
    if not isinstance(check.access, Access):
        return progress
    client = context.forges.open(check.access, now)
    begun_at, page = progress.begun_at or now, progress.page
    while True:
        found = await asyncio.to_thread(client.repositories, page)
        for repository in found.repositories:
            if not only_changed or may_have_news(repository.changed_at, progress.read_to):
                await _look_at(context, check, client, repository, stages, now - span, compare)
        page = found.cursor
        if page is None:
            return Progress(read_to=begun_at)
        async with context.database.organization(check.organization_id) as tenant:
            so_far = Progress(progress.read_to, begun_at, page)
            await repairs.keep_cursor(tenant, check, write_progress(so_far))


async def _look_at(
    context: WorkerContext,
    check: Check,
    client: ForgeClient,
    repository: Listed,
    stages: tuple[BackfillStage, ...],
    since: datetime,
    compare: Compare,
) -> None:
    """Compare all pages of one repository; one that is closed to the token is skipped."""
    for stage in stages:
        cursor: str | None = None
        while True:
            try:
                page = await asyncio.to_thread(client.page, repository, stage, cursor, since)
            except RefusedError as error:
                if error.status == UNAUTHORIZED:
                    raise
                return
            await _keep(context, check, client, repository, page, compare)
            cursor = page.cursor
            if cursor is None:
                break


async def _keep(
    context: WorkerContext, check: Check, client: ForgeClient, repository: Listed, page: FactPage, compare: Compare
) -> None:
    """Store missed facts and their count in one transaction, and the authors' teams of all listed pull requests."""
    if not page.facts or not isinstance(check.access, Access):
        return
    teams = await fetch_author_teams(context, check.organization_id, check.access, client, repository, page.facts)
    async with recording(context, check.organization_id) as opened:
        scope = opened.scope(check.access.forge)
        facts, missed = await compare(scope, page)
        await record_answers(scope, check.access.connection_id, facts)
        await record_author_teams(scope, page.facts, teams)
        await repairs.count(opened.tenant, check, found=missed, recovered=missed)
        if facts:
            opened.jobs.add(Job.ENRICH)


async def _missed_releases(scope: ForgeScope, page: FactPage) -> tuple[Sequence[ReleaseFacts], int]:
    missed = await find_missed_releases(scope, [each for each in page.facts if isinstance(each, ReleaseFacts)])
    return missed, len(missed)


async def _differing_pull_requests(scope: ForgeScope, page: FactPage) -> tuple[Sequence[PullRequestFacts], int]:
    listed = [each for each in page.facts if isinstance(each, PullRequestFacts)]
    return await find_differing_pull_requests(scope, listed)
