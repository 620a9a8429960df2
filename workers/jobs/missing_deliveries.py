"""What forges' lists show to be missing, kept and counted, and what came of asking for it."""

from collections.abc import Sequence
from datetime import datetime

from workers.context import WorkerContext
from workers.repair.deliveries import Attempt, Judgement, Missed, judge
from workers.stores.forge import missed_deliveries, repairs
from workers.stores.forge.repairs import Check

# One look asks for so many at most, so that others have their turn; the next goes on at once.
MOST_ASKED = 1000


async def judge_attempts(
    context: WorkerContext, check: Check, attempts: Sequence[Attempt], read_to: datetime | None
) -> tuple[list[Missed], Judgement, int]:
    """Keep what is missing and note what arrived; all that is missing now, and how many of them are new."""
    async with context.database.organization(check.organization_id) as tenant:
        known = await missed_deliveries.load_missed(tenant, check.subject_id)
        judged = judge(attempts, known, read_to)
        found = await missed_deliveries.keep_missed(tenant, check.subject_id, judged.missing)
        recovered = await missed_deliveries.note_arrived(tenant, check.subject_id, judged.arrived)
        await repairs.count(tenant, check, found=found, recovered=recovered)
        missed = await missed_deliveries.load_missed(tenant, check.subject_id)
    return list(missed.values()), judged, found


async def note_asked(
    context: WorkerContext, check: Check, missed: Missed, *, is_taken: bool, has_arrived: bool
) -> None:
    """Note it at once, so that a worker that is killed asks for few of them twice.

    `is_taken` is whether the forge took the request; `has_arrived` is what only some forges tell with their answer.
    """
    async with context.database.organization(check.organization_id) as tenant:
        await missed_deliveries.note_asked(tenant, check.subject_id, missed.reference)
        recovered = (
            await missed_deliveries.note_arrived(tenant, check.subject_id, [missed.reference]) if has_arrived else 0
        )
        await repairs.count(tenant, check, asked_again=int(is_taken), recovered=recovered)
        await repairs.hold(tenant, check)
