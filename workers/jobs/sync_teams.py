"""Counts the people of a forge's teams and gives repositories to them, where a connection has that switched on."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from schema.contracts.team_sync import TeamSyncReport
from schema.errors import UnavailableError
from schema.queue import Job
from schema.team_sync_failures import NO_ACCESS
from workers.context import WorkerContext
from workers.fair_queue import take_turn
from workers.forges.clients import Access
from workers.forges.errors import PrivateAddressError, RefusedError, TryLaterError
from workers.forges.listed import Listed
from workers.forges.pages import ForgeClient
from workers.stores.teams import team_syncs
from workers.stores.teams.synced_repositories import Look
from workers.stores.teams.synced_teams import apply
from workers.stores.teams.team_syncs import DueSync
from workers.team_sync.forge_teams import ForgeTeam

logger = structlog.get_logger()

# What the forge refuses is refused until somebody changes something there.
REFUSED_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)

UNAUTHORIZED = 401


async def sync_teams(context: WorkerContext, organization_id: int) -> None:
    """Work through what is due; one that fails waits, and holds up no other."""
    await context.queue.begun(Job.SYNC_TEAMS, organization_id)
    secret = context.settings.secret_key.get_secret_value()
    claim = partial(team_syncs.claim, master_secret=secret)
    await take_turn(context, Job.SYNC_TEAMS, organization_id, claim, partial(_take, context))


async def _take(context: WorkerContext, due: DueSync) -> None:
    """One connection, whatever becomes of it."""
    if due.access is None:
        await _fail(context, due, NO_ACCESS, pause=LONGEST_PAUSE)
        return
    try:
        look = await _look(context, due.access)
        stale = await _apply(context, due, look)
    except TryLaterError as error:
        await _fail(context, due, type(error).__name__, until=error.at)
    except RefusedError as error:
        await _fail(context, due, f"RefusedError {error.status}", pause=REFUSED_PAUSE * 2 ** min(due.attempts, 20))
    except PrivateAddressError as error:
        await _fail(context, due, type(error).__name__, pause=LONGEST_PAUSE)
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one connection, the next must have its turn
        pause = context.settings.retry_base * 2 ** min(due.attempts, 20)
        await _fail(context, due, type(error).__name__, pause=pause)
    else:
        if stale:
            await context.queue.wake(Job.SETTLE_DAYS, due.organization_id)


async def _look(context: WorkerContext, access: Access) -> Look:
    """What the forge tells of teams; who is in them is remembered for a while, for authors. Raises ForgeError."""
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
    """The repositories that are reached, by where their teams are."""
    found = defaultdict[str, list[Listed]](list)
    cursor: str | None = None
    while True:
        page = client.repositories(cursor)
        for each in page.repositories:
            found[client.teams.place(each)].append(each)
        cursor = page.cursor
        if cursor is None:
            return found


async def _apply(context: WorkerContext, due: DueSync, look: Look) -> bool:
    """One transaction; a dry run sees what it would change, and changes nothing. Whether there are days to settle."""
    hasher = await context.organization_keys.hasher(due.organization_id)
    async with context.database.organization(due.organization_id) as tenant:
        step = tenant.transaction()
        await step.start()
        try:
            limit = context.settings.team_limit
            report, stale = await apply(tenant, hasher, look, due.left_out, limit)
        except BaseException:
            await step.rollback()
            raise
        await (step.rollback() if due.is_dry_run else step.commit())
        await team_syncs.finish(tenant, due, report)
    _log(due, report)
    return stale and not due.is_dry_run


def _log(due: DueSync, report: TeamSyncReport) -> None:
    logger.info(
        "teams_synced", connection_id=str(due.connection_id), teams=len(report.teams), is_dry_run=due.is_dry_run
    )


async def _fail(
    context: WorkerContext,
    due: DueSync,
    failure: str,
    *,
    until: datetime | None = None,
    pause: timedelta = timedelta(),
) -> None:
    logger.warning("teams_not_synced", connection_id=str(due.connection_id), error=failure)
    async with context.database.organization(due.organization_id) as tenant:
        await team_syncs.fail(tenant, due, failure, until=until, pause=min(pause, LONGEST_PAUSE))
