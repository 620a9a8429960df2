"""Syncs teams from a forge, where enabled: counts their people and assigns repositories to them."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from key_services.configured import ring_of
from schema.contracts.team_sync import TeamSyncReport
from schema.errors import UnavailableError
from schema.failures import Failure
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.changes import Changes
from workers.facts.recording import recording
from workers.facts.synced_repositories import Look
from workers.facts.synced_teams import sync
from workers.fair_queue import take_turn
from workers.forge_access.access import Access
from workers.forge_access.errors import FORBIDDEN, UNAUTHORIZED, PrivateAddressError, RefusedError, TryLaterError
from workers.forge_access.listed import Listed
from workers.forges.pages import ForgeClient
from workers.jobs.record_team_changes import record_team_changes
from workers.stores.teams import team_syncs
from workers.stores.teams.team_syncs import DueSync
from workers.team_sync.forge_teams import ForgeTeam
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

# A refusal lasts until somebody changes permissions at the forge.
REFUSED_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)


async def sync_teams(context: WorkerContext, organization_id: int) -> None:
    """Process due syncs; one that fails backs off and blocks no other."""
    await context.queue.begun(Job.SYNC_TEAMS, organization_id)
    # What an administrator decided goes before what a forge reports.
    await record_team_changes(context, organization_id)
    ring = ring_of(context.settings)
    claim = partial(team_syncs.claim, ring=ring)
    await take_turn(context, Job.SYNC_TEAMS, organization_id, claim, partial(_take, context))


async def _take(context: WorkerContext, due: DueSync) -> None:
    """Sync one connection and record any failure."""
    if due.access is None:
        await _back_off(context, due, Failure.NO_ACCESS, LONGEST_PAUSE)
        return
    try:
        look = await _look(context, due.access)
        await _sync(context, due, look)
    except TryLaterError as error:
        await _defer(context, due, error)
    except RefusedError as error:
        await _back_off(context, due, _refusal(due.access, error), REFUSED_PAUSE)
    except PrivateAddressError as error:
        await _back_off(context, due, error.stored(), LONGEST_PAUSE)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing connection must not block the others
        logger.warning("team_sync_failed", connection_id=str(due.connection_id), error=type(error).__name__)
        await _back_off(context, due, stored_failure(error), context.settings.retry_base)


def _refusal(access: Access, error: RefusedError) -> str:
    if error.status != FORBIDDEN:
        return error.stored()
    if access.forge == "gitlab":
        return error.stored(Failure.MEMBERS_FORBIDDEN_GITLAB)
    is_app = access.installation is not None
    return error.stored(Failure.MEMBERS_FORBIDDEN_APP if is_app else Failure.MEMBERS_FORBIDDEN_GITHUB)


async def _look(context: WorkerContext, access: Access) -> Look:
    """Fetch teams from the forge and cache their members, to find authors' teams. Raises ForgeError."""
    now = datetime.now(UTC)
    client = context.forges.open(access, now)
    places = await asyncio.to_thread(_places, client)
    teams, reached, refused = list[ForgeTeam](), set[int](), list[RefusedError]()
    for place, repositories in sorted(places.items()):
        try:
            found = await asyncio.to_thread(client.teams.read, place, repositories)
        except RefusedError as error:
            if error.status == UNAUTHORIZED:
                raise
            refused.append(error)
            continue
        context.memberships.keep(access.connection_id, place, found, now)
        teams += found
        reached |= {each.forge_id for each in repositories}
    if refused and len(refused) == len(places):
        raise refused[0]
    return Look(access.connection_id, access.host, now, teams, reached, len(refused))


def _places(client: ForgeClient) -> Mapping[str, Sequence[Listed]]:
    """Return the reachable repositories by the place of their teams."""
    found = defaultdict[str, list[Listed]](list)
    cursor: str | None = None
    while True:
        page = client.repositories(cursor)
        for each in page.repositories:
            found[client.teams.place(each)].append(each)
        cursor = page.cursor
        if cursor is None:
            return found


async def _sync(context: WorkerContext, due: DueSync, look: Look) -> None:
    """Bring teams in line in one transaction; a dry run reports what it would change, and takes it back."""
    changes = Changes()
    async with recording(context, due.organization_id) as opened:
        step = opened.tenant.transaction()
        await step.start()
        try:
            limit = context.settings.team_limit
            report = await sync(opened.tenant, opened.hasher, changes, look, due.left_out, limit)
        except BaseException:
            await step.rollback()
            raise
        if due.is_dry_run:
            await step.rollback()
        else:
            await step.commit()
            opened.changes.add(changes)
        await team_syncs.finish(opened.tenant, due, report)
    _log(due, report)


def _log(due: DueSync, report: TeamSyncReport) -> None:
    logger.info(
        "teams_synced", connection_id=str(due.connection_id), teams=len(report.teams), is_dry_run=due.is_dry_run
    )


async def _defer(context: WorkerContext, due: DueSync, error: TryLaterError) -> None:
    logger.warning("team_sync_deferred", connection_id=str(due.connection_id), failure=error.stored())
    async with context.database.organization(due.organization_id) as tenant:
        await team_syncs.defer(tenant, due, error.at, error.stored())


async def _back_off(context: WorkerContext, due: DueSync, failure: str, pause: timedelta) -> None:
    logger.warning("team_sync_backed_off", connection_id=str(due.connection_id), failure=failure)
    async with context.database.organization(due.organization_id) as tenant:
        await team_syncs.back_off(tenant, due, failure, Retry(pause, longest=LONGEST_PAUSE))
