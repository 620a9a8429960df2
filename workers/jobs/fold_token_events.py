"""Counts waiting token events in token windows, and moves counted ones when their session tells more.

One transaction a claim and one claim at a time an organization; the database adds events up, so that none of them comes
here alone. Batches that fail are halved until the event that cannot be counted stands alone in one of its own, which
backs off; all others are counted.
"""

from collections.abc import Collection, Sequence

import structlog

from schema.database import Connection
from schema.invalidate_days import lock_folding
from schema.queue import Job
from schema.trunks import find_trunks_by_name
from workers.attribution.links import Trunks
from workers.attribution.relink import Sessions, join_spans
from workers.attribution.session_trail import Span, cuts
from workers.attribution.windows import EventGroup, Move, add_up
from workers.context import WorkerContext
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
    async with context.database.organization(organization_id) as connection:
        # Events move between windows only under this lock, so that none is counted twice and no two folds cross.
        await lock_folding(connection, organization_id)
        await token_events.prepare(connection)
        batches = await intake_batches.claim(connection, organization_id, BATCH)
        sessions = await session_trails.claim(connection, organization_id, SESSIONS)
        days = (
            await _fold_or_halve(context, connection, organization_id, batches, sessions)
            if batches or sessions
            else await _judge_again(connection, organization_id)
        )
        if days:
            await derived_tokens.give_way(connection, organization_id, days)
            await gateway_usage.note_reported_elsewhere(connection, organization_id, days)
            await settlements.mark_days(connection, organization_id, days)
        return days


async def _judge_again(connection: Connection, organization_id: int) -> set[TeamDay] | None:
    """Let a changed policy about layers reach what was counted before it; None once it has."""
    batches = await layer_changes.claim(connection, organization_id, BATCH)
    if not batches:
        return None
    verdict = await superseded_events.judge(connection, organization_id, batches, (), again=True)
    return await _fold(connection, organization_id, (), (), verdict)


async def _fold_or_halve(
    context: WorkerContext,
    connection: Connection,
    organization_id: int,
    batches: Sequence[Batch],
    sessions: Sequence[bytes],
) -> set[TeamDay]:
    try:
        async with connection.transaction():
            return await _fold(connection, organization_id, batches, sessions)
    except Exception as error:
        if connection.is_closed():
            raise
        if len(sessions) + sum(batch.events for batch in batches) == 1:
            await _give_up(context, connection, organization_id, batches, sessions, error)
            return set()
    days: set[TeamDay] = set()
    for half in await _halves(connection, organization_id, batches, sessions):
        days |= await _fold_or_halve(context, connection, organization_id, *half)
    return days


async def _halves(
    connection: Connection, organization_id: int, batches: Sequence[Batch], sessions: Sequence[bytes]
) -> tuple[tuple[Sequence[Batch], Sequence[bytes]], ...]:
    """Two smaller claims, events before the sessions that may move them."""
    if batches and sessions:
        return (batches, ()), ((), sessions)
    if len(batches) == 1:
        batches = await intake_batches.split(connection, organization_id, batches[0])
    middle, half = len(batches) // 2, len(sessions) // 2
    return (batches[:middle], sessions[:half]), (batches[middle:], sessions[half:])


async def _give_up(
    context: WorkerContext,
    connection: Connection,
    organization_id: int,
    batches: Sequence[Batch],
    sessions: Sequence[bytes],
    error: Exception,
) -> None:
    """An event backs off. What was seen of a session is left at that: its events stay counted where they are."""
    failure = type(error).__name__
    logger.warning("fold_failed", organization_id=organization_id, events=len(batches), error=failure)
    await session_trails.leave(connection, organization_id, sessions)
    for batch in batches:
        await intake_batches.back_off(
            connection,
            organization_id,
            batch,
            failure=failure,
            retry_limit=context.settings.retry_limit,
            retry_base=context.settings.retry_base,
        )


async def _fold(
    connection: Connection,
    organization_id: int,
    batches: Sequence[Batch],
    sessions: Sequence[bytes],
    verdict: Verdict = NOTHING,
) -> set[TeamDay]:
    """Count the events of these batches, and move what is counted already of their sessions and of these sessions.

    What another layer tells better is counted like everything, and then taken from where it would count.
    """
    spans = await token_events.read_spans(connection, organization_id, batches) if batches else []
    if batches:
        verdict = await superseded_events.judge(connection, organization_id, batches, {span.source for span in spans})
    linked = await _link(connection, organization_id, batches, spans, {*sessions, *verdict.sessions})
    moves = linked.place(await _add_up(connection, organization_id, batches, spans, linked))
    if linked.changes:
        moves += linked.move(await token_events.add_up_counted(connection, organization_id, linked.changes))
    moves += await _set_aside(connection, organization_id, verdict, linked)
    await token_windows.apply(connection, organization_id, add_up(moves))
    received_at = max((batch.received_at for batch in batches), default=None)
    await session_trails.save(connection, organization_id, linked.with_events(), received_at)
    await session_trails.save(connection, organization_id, linked.without_events(), None)
    await intake_batches.complete(connection, organization_id, batches)
    return _days(moves)


async def _link(
    connection: Connection,
    organization_id: int,
    batches: Sequence[Batch],
    spans: Sequence[EventSpan],
    sessions: Collection[bytes],
) -> Sessions:
    found = join_spans((span.session, span.evidence, Span(span.first, span.last)) for span in spans)
    touched = {*sessions, *found}
    marks = await session_trails.load_marks(connection, organization_id, touched)
    before = await session_trails.load(connection, organization_id, touched)
    linked = Sessions(before, found, marks.of_session)
    if entangled := linked.extend():
        linked.disentangle(await token_events.read_runs(connection, organization_id, entangled, batches))
    linked.link(await _trunks(connection, organization_id, linked))
    await session_trails.see_to(connection, organization_id, marks)
    return linked


async def _set_aside(connection: Connection, organization_id: int, verdict: Verdict, linked: Sessions) -> list[Move]:
    """Take events that another layer tells from where they count, and give others back; write both down."""
    instants = {session: cuts(linked.after[session].linked) for session in verdict.sessions}
    taken = await token_events.add_up_events(connection, organization_id, verdict.taken, instants)
    given_back = await token_events.add_up_events(connection, organization_id, verdict.given_back, instants)
    await superseded_events.save(connection, organization_id, verdict)
    return [*linked.take(taken), *linked.place(given_back)]


async def _trunks(connection: Connection, organization_id: int, linked: Sessions) -> Trunks:
    """Which of the branches that the sessions were seen on are trunks."""
    names, branches = set(), set()
    for evidence in linked.seen():
        if evidence.repository is not None:
            names.add(evidence.repository)
        if evidence.branch is not None:
            branches.add(evidence.branch)
    return await find_trunks_by_name(connection, organization_id, names, branches)


async def _add_up(
    connection: Connection,
    organization_id: int,
    batches: Sequence[Batch],
    spans: Sequence[EventSpan],
    linked: Sessions,
) -> list[EventGroup]:
    """The events of the batches in groups that are each linked alike."""
    if not spans:
        return []
    needed = {(span.provider, span.model, span.begins_at) for span in spans}
    slots = await event_prices.keep_prices(connection, organization_id, needed)
    return await token_events.add_up_batches(connection, organization_id, batches, slots, linked.cuts())


def _days(moves: Sequence[Move]) -> set[TeamDay]:
    return {TeamDay(move.group.team_id, move.group.hour.date()) for move in moves}
