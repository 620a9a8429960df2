"""Records changes of teams that the service stored."""

import structlog

from schema.outages import outage_of
from schema.queue import Job
from workers.context import WorkerContext
from workers.facts.recording import Recording, recording
from workers.facts.team_changes import record_team_change
from workers.stores.teams import team_changes
from workers.stores.teams.team_changes import TeamChange
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

BATCH = 100


async def record_team_changes(context: WorkerContext, organization_id: int) -> None:
    """Process due changes; safe to run twice, late, or concurrently."""
    await context.queue.begun(Job.RECORD_TEAM_CHANGES, organization_id)
    retry = Retry.of(context.settings)
    claimed = BATCH
    while claimed:
        async with recording(context, organization_id) as opened:
            changes = await team_changes.claim(opened.tenant, BATCH)
            claimed = len(changes)
            for change in changes:
                await _record(opened, change, retry)


async def _record(opened: Recording, change: TeamChange, retry: Retry) -> None:
    """Record one change; a failing one backs off and blocks only later changes of its subject."""
    try:
        async with opened.attempt(change.forge or "") as scope:
            await record_team_change(scope, change)
            await team_changes.delete(scope.tenant, change)
    except Exception as error:
        if outage_of(error):
            raise
        logger.warning("team_change_failed", change_id=change.change_id, error=type(error).__name__)
        await team_changes.back_off(opened.tenant, change, stored_failure(error), retry)
