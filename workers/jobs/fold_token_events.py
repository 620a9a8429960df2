"""Counts waiting token events in token windows, and moves counted ones when their session tells more.

One transaction a batch and one batch at a time an organization. A batch that fails is halved until the row that cannot
be counted stands alone and backs off; all others are counted.
"""

from collections.abc import Collection, Sequence
from itertools import chain

import structlog

from schema.database import Connection
from schema.queue import Job
from schema.stale_days import lock_folding
from schema.trunks import find_trunks_by_name
from workers.attribution.links import Sighting, Trunks, link_session
from workers.attribution.model import Evidence
from workers.attribution.windows import Move, TokenEvent, add_up, place
from workers.context import WorkerContext
from workers.prices import list_price
from workers.stores import derived_tokens, gateway_usage, settlements, token_events, token_windows
from workers.stores.settlements import TeamDay

logger = structlog.get_logger()

BATCH = 2_000


async def fold_token_events(context: WorkerContext, organization_id: int) -> None:
    """Work until nothing waits; settlements are woken after each batch that changed a window."""
    await context.queue.begun(Job.FOLD_TOKEN_EVENTS, organization_id)
    while (days := await _fold_batch(context, organization_id)) is not None:
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _fold_batch(context: WorkerContext, organization_id: int) -> set[TeamDay] | None:
    """The team-days that changed, None when nothing waited."""
    async with context.database.organization(organization_id) as connection:
        # Events move between windows only under this lock, so that none is counted twice and no two folds cross.
        await lock_folding(connection, organization_id)
        events = await token_events.claim(connection, organization_id, BATCH)
        sessions = await token_events.claim_evidence(connection, organization_id, BATCH)
        if not events and not sessions:
            return None
        days = await _fold_or_halve(context, connection, organization_id, events, sessions)
        if days:
            await derived_tokens.give_way(connection, organization_id, days)
            await gateway_usage.note_told_elsewhere(connection, organization_id, days)
            await settlements.mark_days(connection, organization_id, days)
        return days


async def _fold_or_halve(
    context: WorkerContext,
    connection: Connection,
    organization_id: int,
    events: Sequence[TokenEvent],
    sessions: Sequence[bytes],
) -> set[TeamDay]:
    try:
        async with connection.transaction():
            return await _fold(connection, organization_id, events, sessions)
    except Exception as error:
        if connection.is_closed():
            raise
        if len(events) + len(sessions) == 1:
            await _give_up(context, connection, organization_id, events, error)
            return set()
    days: set[TeamDay] = set()
    for half in _halves(events, sessions):
        days |= await _fold_or_halve(context, connection, organization_id, *half)
    return days


def _halves(
    events: Sequence[TokenEvent], sessions: Sequence[bytes]
) -> tuple[tuple[Sequence[TokenEvent], Sequence[bytes]], ...]:
    """Two smaller batches, events before the sessions that may move them."""
    if events and sessions:
        return (events, ()), ((), sessions)
    middle, half = len(events) // 2, len(sessions) // 2
    return (events[:middle], sessions[:half]), (events[middle:], sessions[half:])


async def _give_up(
    context: WorkerContext,
    connection: Connection,
    organization_id: int,
    events: Sequence[TokenEvent],
    error: Exception,
) -> None:
    """An event backs off. What was seen of a session is left at that: its events stay counted where they are."""
    failure = type(error).__name__
    logger.warning("fold_failed", organization_id=organization_id, events=len(events), error=failure)
    for event in events:
        await token_events.back_off(
            connection,
            organization_id,
            event.event_id,
            failure=failure,
            retry_limit=context.settings.retry_limit,
            retry_base=context.settings.retry_base,
        )


async def _fold(
    connection: Connection, organization_id: int, events: Sequence[TokenEvent], sessions: Sequence[bytes]
) -> set[TeamDay]:
    """Count these events, and move what is counted already of their sessions and of these sessions."""
    touched = {*sessions, *(event.session for event in events if event.session is not None)}
    related = await token_events.load_sessions(connection, organization_id, touched)
    seen = await token_events.load_evidence(connection, organization_id, touched)
    counted = [event for session in related.values() for event in session if event.window_id is not None]
    own = {
        session: [Sighting(event.occurred_at, event.event_id, event.evidence) for event in related[session]]
        for session in touched
    }
    trunks = await _trunks(connection, organization_id, (*chain(*own.values()), *chain(*seen.values())))
    linked: dict[bytes, Evidence] = {}
    for session in touched:
        linked.update(link_session(own[session], seen[session], trunks))
    moves, unmoved = [], []
    for event in {event.event_id: event for event in (*counted, *events)}.values():
        destination = place(event, linked.get(event.event_id, event.evidence))
        if destination.window_id != event.window_id:
            moves.append(Move(event, destination, _price(event)))
        else:
            unmoved.append(Move(event, destination, event.cost_nano_usd))
    claimed = {event.event_id for event in events}
    await token_windows.apply(connection, organization_id, add_up(moves))
    seen_to = [*moves, *(move for move in unmoved if move.event.event_id in claimed)]
    await token_events.complete(connection, organization_id, seen_to)
    return {TeamDay(move.event.team_id, move.event.hour.date()) for move in moves}


async def _trunks(connection: Connection, organization_id: int, sightings: Collection[Sighting]) -> Trunks:
    """Which of the branches that the sessions were seen on are trunks."""
    names = {each.evidence.repository for each in sightings if each.evidence.repository is not None}
    branches = {each.evidence.branch for each in sightings if each.evidence.branch is not None}
    return await find_trunks_by_name(connection, organization_id, names, branches)


def _price(event: TokenEvent) -> int | None:
    """A counted event keeps the cost that it was counted with, even when the price list has changed since."""
    if event.window_id is not None and event.cost_nano_usd:
        return event.cost_nano_usd
    return list_price(
        event.tokens,
        provider=event.dimensions.provider,
        model=event.dimensions.model,
        occurred_at=event.occurred_at,
    )
