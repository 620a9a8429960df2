"""Stores deliveries that a forge's lists show as missing, and the outcome of resend requests."""

from collections.abc import Sequence
from datetime import datetime

from workers.context import WorkerContext
from workers.repair.deliveries import Attempt, Judgement, Missed, judge
from workers.stores.forge import missed_deliveries, repairs
from workers.stores.forge.repairs import Check

# Most resend requests in one check, so that other checks get their turn; the next check continues at once.
MAX_RESENDS = 1000


async def judge_attempts(
    context: WorkerContext, check: Check, attempts: Sequence[Attempt], read_to: datetime | None
) -> tuple[list[Missed], Judgement, int]:
    """Store missing deliveries and mark recovered ones; return all missing, the judgement, and how many are new."""
    async with context.database.organization(check.organization_id) as tenant:
        known = await missed_deliveries.load_missed(tenant, check.subject_id)
        judged = judge(attempts, known, read_to)
        found = await missed_deliveries.store_missed(tenant, check.subject_id, judged.missing)
        recovered = await missed_deliveries.mark_arrived(tenant, check.subject_id, judged.arrived)
        await repairs.count(tenant, check, found=found, recovered=recovered)
        missed = await missed_deliveries.load_missed(tenant, check.subject_id)
    return list(missed.values()), judged, found


async def record_resend(
    context: WorkerContext, check: Check, missed: Missed, *, is_taken: bool, has_arrived: bool
) -> None:
    """Record a resend request at once, so that a killed worker repeats few of them.

    `is_taken`: the forge accepted the request. `has_arrived`: the delivery arrived, where the forge's answer says so.
    """
    async with context.database.organization(check.organization_id) as tenant:
        await missed_deliveries.record_request(tenant, check.subject_id, missed.reference)
        recovered = (
            await missed_deliveries.mark_arrived(tenant, check.subject_id, [missed.reference]) if has_arrived else 0
        )
        await repairs.count(tenant, check, redelivery_requests=int(is_taken), recovered=recovered)
        await repairs.hold(tenant, check)
