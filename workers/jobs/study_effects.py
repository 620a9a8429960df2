"""Studies whether teams that use agents ship more, and what versions of prompts and models changed."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from schema.queue import Job
from workers.context import WorkerContext
from workers.statistics.history import History, study_history
from workers.statistics.report import report
from workers.statistics.study import Size
from workers.statistics.version_changes import VersionUses, any_model, changes, prompt_of
from workers.stores.ledger import effect_studies, team_weeks
from workers.stores.spend import version_uses


async def study_effects(context: WorkerContext, organization_id: int) -> None:
    """Study the organization and replace its last study."""
    await context.queue.begun(Job.STUDY_EFFECTS, organization_id)
    least = Size(context.settings.comparison_people, context.settings.comparison_pull_requests)
    today = datetime.now(UTC).date()
    async with context.database.organization(organization_id) as tenant:
        weeks = await team_weeks.find_weeks(tenant, today)
        history = await team_weeks.load(tenant, weeks) if weeks else None
        prompts = await version_uses.load(tenant, "prompt_template", today, least.people)
        models = await version_uses.load(tenant, "model", today, least.people)
    # In a thread, because years of many teams would block the worker's other jobs.
    found = await asyncio.to_thread(_study, history, prompts, models, least) if history else None
    async with context.database.organization(organization_id) as tenant:
        await effect_studies.save(tenant, weeks, found)


def _study(history: History, prompts: VersionUses, models: VersionUses, least: Size) -> dict[str, Any]:
    versions = (*changes(prompts, prompt_of), *changes(models, any_model))
    return report(study_history(history, least), versions)
