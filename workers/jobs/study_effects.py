"""Studies whether teams ship more, what prompts, models and context windows changed, and what tokens achieve."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from schema.queue import Job
from workers.context import WorkerContext
from workers.statistics.history import History, study_history
from workers.statistics.iterations import MergedWork, study_iterations
from workers.statistics.outcomes.outcome_report import outcome_report
from workers.statistics.report import Versions, iteration_report, report
from workers.statistics.study import Size
from workers.statistics.trials import Trial, study_trial
from workers.statistics.version_changes import VersionUses, all_changes, any_model, newest_changes, prompt_of
from workers.stores.ledger import effect_studies, merged_work, team_weeks, trials
from workers.stores.spend import outcome_uses, version_uses


async def study_effects(context: WorkerContext, organization_id: int) -> None:
    """Study the organization and replace its last study."""
    await context.queue.begun(Job.STUDY_EFFECTS, organization_id)
    least = Size(context.settings.comparison_people, context.settings.comparison_pull_requests)
    today = datetime.now(UTC).date()
    async with context.database.organization(organization_id) as tenant:
        weeks = await team_weeks.find_weeks(tenant, today)
        history = await team_weeks.load(tenant, weeks) if weeks else None
        by_chance = await trials.load(tenant, weeks, history.teams) if weeks and history else ()
        prompts = await version_uses.load(tenant, "prompt_template", today, least.people)
        models = await version_uses.load(tenant, "model", today, least.people)
        work = await merged_work.load(tenant, merged_work.work_weeks(weeks)) if weeks else None
        outcome_weeks = await outcome_uses.load_weeks(tenant, today, least.people)
        prompt_days = await outcome_uses.load_prompts(tenant, today, least.people)
    found = None
    if weeks and history and work:
        # In a thread, because years of many teams would block the worker's other jobs.
        studied = merged_work.work_weeks(weeks)
        found = await asyncio.to_thread(_study, history, by_chance, prompts, models, work, studied, least)
    of_outcomes = await asyncio.to_thread(outcome_report, outcome_weeks, prompt_days)
    async with context.database.organization(organization_id) as tenant:
        await effect_studies.save(tenant, weeks, found, of_outcomes)


def _study(
    history: History,
    by_chance: tuple[Trial, ...],
    prompts: VersionUses,
    models: VersionUses,
    work: MergedWork,
    weeks: team_weeks.Weeks,
    least: Size,
) -> dict[str, Any]:
    prompt_pairs, model_pairs = all_changes(prompts, prompt_of), all_changes(models, any_model)
    versions = Versions(
        newest_changes(prompts, prompt_of, prompt_pairs),
        newest_changes(models, any_model, model_pairs),
        prompt_pairs,
        model_pairs,
    )
    iterations = iteration_report(study_iterations(work, least), least, *(week.isoformat() for week in weeks))
    found = tuple(study_trial(each, history, least) for each in by_chance)
    return report(study_history(history, least), versions, iterations, found)
