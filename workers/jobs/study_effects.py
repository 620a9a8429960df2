"""Studies whether teams that use agents ship more, from all full weeks of an organization."""

import asyncio
from datetime import UTC, datetime

from schema.queue import Job
from workers.context import WorkerContext
from workers.statistics.history import study_history
from workers.statistics.report import report
from workers.statistics.study import Size
from workers.stores.ledger import effect_studies, team_weeks


async def study_effects(context: WorkerContext, organization_id: int) -> None:
    """Study the organization and replace its last study."""
    await context.queue.begun(Job.STUDY_EFFECTS, organization_id)
    async with context.database.organization(organization_id) as tenant:
        weeks = await team_weeks.find_weeks(tenant, datetime.now(UTC).date())
        history = await team_weeks.load(tenant, weeks) if weeks else None
    least = Size(context.settings.comparison_people, context.settings.comparison_pull_requests)
    # In a thread, because years of many teams would block the worker's other jobs.
    found = report(await asyncio.to_thread(study_history, history, least)) if history else None
    async with context.database.organization(organization_id) as tenant:
        await effect_studies.save(tenant, weeks, found)
