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
    subject = (check.organization_id, check.subject_id)
    async with context.database.organization(check.organization_id) as connection:
        known = await missed_deliveries.load_missed(connection, *subject)
        judged = judge(attempts, known, read_to)
        found = await missed_deliveries.keep_missed(connection, *subject, judged.missing)
        recovered = await missed_deliveries.note_arrived(connection, *subject, judged.arrived)
        await repairs.count(connection, check, found=found, recovered=recovered)
        missed = await missed_deliveries.load_missed(connection, *subject)
    return list(missed.values()), judged, found


async def note_asked(
    context: WorkerContext, check: Check, missed: Missed, *, is_taken: bool, has_arrived: bool
) -> None:
    """Note it at once, so that a worker that is killed asks for few of them twice.

    `is_taken` is whether the forge took the request; `has_arrived` is what only some forges tell with their answer.
    """
    subject = (check.organization_id, check.subject_id)
    async with context.database.organization(check.organization_id) as connection:
        await missed_deliveries.note_asked(connection, *subject, missed.reference)
        recovered = await missed_deliveries.note_arrived(connection, *subject, [missed.reference]) if has_arrived else 0
        await repairs.count(connection, check, asked_again=int(is_taken), recovered=recovered)
        await repairs.hold(connection, check)
