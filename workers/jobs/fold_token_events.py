"""Counts waiting token events in token windows, and moves counted ones when their session tells more.

One transaction a claim and one claim at a time an organization; the database adds events up, so that none of them comes
here alone. Batches that fail are halved until the event that cannot be counted stands alone in one of its own, which
backs off; all others are counted.
"""

from collections.abc import Collection, Sequence

import structlog

from schema.database import Tenant
from schema.invalidate_days import lock_folding
from schema.queue import Job
from workers.attribution.links import Trunks
from workers.attribution.relink import Sessions, join_spans
from workers.attribution.session_trail import Span, cuts
from workers.attribution.windows import EventGroup, Move, add_up
from workers.context import WorkerContext
from workers.stores.forge.trunks import find_trunks_by_name
from workers.stores.ledger import settlements
from workers.stores.ledger.settlements import TeamDay
from workers.stores.tokens import (
    derived_tokens,
    event_prices,
    gateway_usage,
    intake_batches,
    layer_changes,
    session_trails,
    superseded_events,
    token_events,
    token_windows,
)
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.superseded_events import NOTHING, Verdict
from workers.stores.tokens.token_events import EventSpan
from workers.work_failures import failure_of
from workers.work_queue import Retry

logger = structlog.get_logger()

# Events of one transaction: the more, the more of them share a session and an hour.
BATCH = 120_000
SESSIONS = 2_000


async def fold_token_events(context: WorkerContext, organization_id: int) -> None:
    """Work until nothing waits; settlements are woken after each claim that changed a window."""
    await context.queue.begun(Job.FOLD_TOKEN_EVENTS, organization_id)
    while (days := await _fold_claim(context, organization_id)) is not None:
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _fold_claim(context: WorkerContext, organization_id: int) -> set[TeamDay] | None:
    """The team-days that changed, None when nothing waited."""
    async with context.database.organization(organization_id) as tenant, tenant.planner(**token_events.FOLDING):
        # Events move between windows only under this lock, so that none is counted twice and no two folds cross.
        await lock_folding(tenant)
        batches = await intake_batches.claim(tenant, BATCH)
        sessions = await session_trails.claim(tenant, SESSIONS)
        days = (
            await _fold_or_halve(context, tenant, batches, sessions)
            if batches or sessions
            else await _judge_again(tenant)
        )
        if days:
            await derived_tokens.give_way(tenant, days)
            await gateway_usage.note_reported_elsewhere(tenant, days)
            await settlements.mark_days(tenant, days)
        return days


async def _judge_again(tenant: Tenant) -> set[TeamDay] | None:
    """Let a changed policy about layers reach what was counted before it; None once it has."""
    batches = await layer_changes.claim(tenant, BATCH)
    if not batches:
        return None
    verdict = await superseded_events.judge(tenant, batches, (), again=True)
    return await _fold(tenant, (), (), verdict)


async def _fold_or_halve(
    context: WorkerContext, tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes]
) -> set[TeamDay]:
    try:
        async with tenant.transaction():
            return await _fold(tenant, batches, sessions)
    except Exception as error:
        if tenant.connection.is_closed():
            raise
        if len(sessions) + sum(batch.events for batch in batches) == 1:
            await _give_up(context, tenant, batches, sessions, error)
            return set()
    days: set[TeamDay] = set()
    for half in await _halves(tenant, batches, sessions):
        days |= await _fold_or_halve(context, tenant, *half)
    return days


async def _halves(
    tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes]
) -> tuple[tuple[Sequence[Batch], Sequence[bytes]], ...]:
    """Two smaller claims, events before the sessions that may move them."""
    if batches and sessions:
        return (batches, ()), ((), sessions)
    if len(batches) == 1:
        batches = await intake_batches.split(tenant, batches[0])
    middle, half = len(batches) // 2, len(sessions) // 2
    return (batches[:middle], sessions[:half]), (batches[middle:], sessions[half:])


async def _give_up(
    context: WorkerContext, tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes], error: Exception
) -> None:
    """An event backs off. What was seen of a session is left at that: its events stay counted where they are."""
    logger.warning(
        "fold_failed", organization_id=tenant.organization_id, events=len(batches), error=type(error).__name__
    )
    await session_trails.leave(tenant, sessions)
    await intake_batches.back_off(tenant, batches, failure_of(error), Retry.of(context.settings))


async def _fold(
    tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes], verdict: Verdict = NOTHING
) -> set[TeamDay]:
    """Count the events of these batches, and move what is counted already of their sessions and of these sessions.

    What another layer tells better is counted like everything, and then taken from where it would count.
    """
    spans = await token_events.read_spans(tenant, batches) if batches else []
    if batches:
        verdict = await superseded_events.judge(tenant, batches, {span.source for span in spans})
    linked = await _link(tenant, batches, spans, {*sessions, *verdict.sessions})
    moves = linked.place(await _add_up(tenant, batches, spans, linked))
    if linked.changes:
        moves += linked.move(await token_events.add_up_counted(tenant, linked.changes))
    moves += await _set_aside(tenant, verdict, linked)
    await token_windows.apply(tenant, add_up(moves))
    received_at = max((batch.received_at for batch in batches), default=None)
    await session_trails.save(tenant, linked.with_events(), received_at)
    await session_trails.save(tenant, linked.without_events(), None)
    await intake_batches.complete(tenant, batches)
    return _days(moves)


async def _link(
    tenant: Tenant, batches: Sequence[Batch], spans: Sequence[EventSpan], sessions: Collection[bytes]
) -> Sessions:
    found = join_spans((span.session, span.evidence, Span(span.first, span.last)) for span in spans)
    touched = {*sessions, *found}
    marks = await session_trails.load_marks(tenant, touched)
    before = await session_trails.load(tenant, touched)
    linked = Sessions(before, found, marks.of_session)
    if entangled := linked.extend():
        linked.disentangle(await token_events.read_runs(tenant, entangled, batches))
    linked.link(await _trunks(tenant, linked))
    await session_trails.see_to(tenant, marks)
    return linked


async def _set_aside(tenant: Tenant, verdict: Verdict, linked: Sessions) -> list[Move]:
    """Take events that another layer tells from where they count, and give others back; write both down."""
    instants = {session: cuts(linked.after[session].linked) for session in verdict.sessions}
    taken = await token_events.add_up_events(tenant, verdict.taken, instants)
    given_back = await token_events.add_up_events(tenant, verdict.given_back, instants)
    await superseded_events.save(tenant, verdict)
    return [*linked.take(taken), *linked.place(given_back)]


async def _trunks(tenant: Tenant, linked: Sessions) -> Trunks:
    """Which of the branches that the sessions were seen on are trunks."""
    names, branches = set(), set()
    for evidence in linked.seen():
        if evidence.repository is not None:
            names.add(evidence.repository)
        if evidence.branch is not None:
            branches.add(evidence.branch)
    return await find_trunks_by_name(tenant, names, branches)


async def _add_up(
    tenant: Tenant, batches: Sequence[Batch], spans: Sequence[EventSpan], linked: Sessions
) -> list[EventGroup]:
    """The events of the batches in groups that are each linked alike."""
    if not spans:
        return []
    needed = {(span.provider, span.model, span.begins_at) for span in spans}
    slots = await event_prices.keep_prices(tenant, needed)
    return await token_events.add_up_batches(tenant, batches, slots, linked.cuts())


def _days(moves: Sequence[Move]) -> set[TeamDay]:
    return {TeamDay(move.group.team_id, move.group.hour.date()) for move in moves}
