"""Folds waiting token events into windows, and moves folded ones when session evidence arrives.

One transaction per claim and one claim at a time per organization. The database sums events, so that single events are
never loaded. A failing batch is halved until the faulty event is alone and backs off; all others are folded.
"""

from collections.abc import Collection, Sequence

import structlog

from schema.database import Tenant
from schema.interpreter import aside
from schema.outages import Outage, outage_of
from schema.queue import Job
from workers.attribution.links import Trunks
from workers.attribution.relink import Sessions, join_spans
from workers.attribution.session_trail import Span, cuts
from workers.attribution.windows import EventGroup, Move, add_up
from workers.context import WorkerContext
from workers.prices.listed import Sold
from workers.stores.forge.trunks import find_trunks_by_name
from workers.stores.ledger import settlements
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.ledger.settlements import TeamDay
from workers.stores.tokens import (
    derived_tokens,
    event_prices,
    event_spans,
    gateway_usage,
    intake_batches,
    layer_changes,
    session_trails,
    superseded_events,
    token_events,
    token_windows,
    verdicts,
)
from workers.stores.tokens.event_prices import Priced
from workers.stores.tokens.event_spans import EventSpans, ModelSpan
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.superseded_events import Verdict
from workers.stores.tokens.verdicts import NOTHING
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

# Events per transaction. Larger batches have more events that share a session and an hour.
BATCH = 120_000
SESSIONS = 2_000


async def fold_token_events(context: WorkerContext, organization_id: int) -> None:
    """Work until nothing is waiting. Wake settlement after each claim that changed a window."""
    await context.queue.begun(Job.FOLD_TOKEN_EVENTS, organization_id)
    while (days := await _fold_claim(context, organization_id)) is not None:
        if days:
            await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _fold_claim(context: WorkerContext, organization_id: int) -> set[TeamDay] | None:
    """Fold one claim; return the team-days that changed, None when nothing was waiting."""
    async with context.database.organization(organization_id) as tenant, tenant.planner(**token_events.FOLDING):
        # Every move between windows holds this lock, so that no event is counted twice.
        await lock_folding(tenant)
        batches = await intake_batches.claim(tenant, BATCH)
        sessions = await session_trails.claim(tenant, SESSIONS)
        days = (
            await _fold_or_halve(context, tenant, batches, sessions)
            if batches or sessions
            else await _apply_layer_change(tenant)
        )
        if days:
            await derived_tokens.give_way(tenant, days)
            await gateway_usage.mark_reported_elsewhere(tenant, days)
            await settlements.mark_days(tenant, days)
        return days


async def _apply_layer_change(tenant: Tenant) -> set[TeamDay] | None:
    """Apply a changed layer policy to events folded before it; return None when nothing is left to do."""
    batches = await layer_changes.claim(tenant, BATCH)
    if not batches:
        return None
    return await _fold(tenant, (), (), await verdicts.judge_again(tenant, batches))


async def _fold_or_halve(
    context: WorkerContext, tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes]
) -> set[TeamDay]:
    try:
        async with tenant.transaction():
            return await _fold(tenant, batches, sessions)
    except Exception as error:
        if tenant.connection.is_closed() or outage_of(error) not in {None, Outage.TOO_SLOW}:
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
    """Split a claim in two, events before the sessions that may move them."""
    if batches and sessions:
        return (batches, ()), ((), sessions)
    if len(batches) == 1:
        batches = await intake_batches.split(tenant, batches[0])
    middle, half = len(batches) // 2, len(sessions) // 2
    return (batches[:middle], sessions[:half]), (batches[middle:], sessions[half:])


async def _give_up(
    context: WorkerContext, tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes], error: Exception
) -> None:
    """Back off a faulty event, or skip a faulty session: its events stay where they are."""
    logger.warning(
        "fold_failed", organization_id=tenant.organization_id, events=len(batches), error=type(error).__name__
    )
    await session_trails.skip(tenant, sessions)
    await intake_batches.back_off(tenant, batches, stored_failure(error), Retry.of(context.settings))


async def _fold(
    tenant: Tenant, batches: Sequence[Batch], sessions: Sequence[bytes], verdict: Verdict = NOTHING
) -> set[TeamDay]:
    """Fold the batches, and move folded events of their sessions and of `sessions`."""
    spans = await event_spans.read_spans(tenant, batches) if batches else EventSpans()
    if batches:
        verdict = await verdicts.judge_new(tenant, batches, spans.of_models)
    linked = await _link(tenant, batches, spans, {*sessions, *verdict.sessions})
    groups = await _add_up(tenant, batches, spans.of_models, linked, verdict.new)
    moves = await aside(len(groups), linked.place, groups)
    if linked.changes:
        moves += linked.move(await token_events.add_up_counted(tenant, linked.changes))
    moves += await _supersede(tenant, verdict, linked)
    await token_windows.apply(tenant, await aside(len(moves), add_up, moves))
    received_at = max((batch.received_at for batch in batches), default=None)
    await session_trails.save(tenant, linked.with_events(), received_at)
    await session_trails.save(tenant, linked.without_events(), None)
    await intake_batches.complete(tenant, batches)
    return _days(moves)


async def _link(tenant: Tenant, batches: Sequence[Batch], spans: EventSpans, sessions: Collection[bytes]) -> Sessions:
    found = join_spans((span.session, span.evidence, Span(span.first, span.last)) for span in spans.of_work)
    affected = {*sessions, *found}
    marks = await session_trails.load_marks(tenant, affected)
    before = await session_trails.load(tenant, affected)
    linked = Sessions(before, found, marks.of_session)
    if entangled := await aside(len(found) + sum(map(len, marks.of_session.values())), linked.extend):
        linked.disentangle(await token_events.read_runs(tenant, entangled, batches))
    trunks = await _trunks(tenant, linked)
    await aside(sum(map(len, linked.runs.values())), linked.link, trunks)
    await session_trails.mark_processed(tenant, marks)
    return linked


async def _supersede(tenant: Tenant, verdict: Verdict, linked: Sessions) -> list[Move]:
    """Take out folded events that are superseded, put back reinstated ones, and record both."""
    instants = {session: cuts(linked.after[session].linked) for session in verdict.sessions}
    superseded = await token_events.add_up_events(tenant, verdict.superseded, instants)
    reinstated = await token_events.add_up_events(tenant, verdict.reinstated, instants)
    await superseded_events.save(tenant, verdict)
    return [*linked.take(superseded), *linked.place(reinstated)]


async def _trunks(tenant: Tenant, linked: Sessions) -> Trunks:
    """Return which branches of the sessions are trunks."""
    names, branches = set(), set()
    for evidence in linked.seen():
        if evidence.repository is not None:
            names.add(evidence.repository)
        if evidence.branch is not None:
            branches.add(evidence.branch)
    return await find_trunks_by_name(tenant, names, branches)


async def _add_up(
    tenant: Tenant, batches: Sequence[Batch], spans: Sequence[ModelSpan], linked: Sessions, superseded: int
) -> list[EventGroup]:
    """Return the batches' events that count, in groups that share one link."""
    if not spans:
        return []
    needed = {Priced(Sold(span.provider, span.model, span.service_tier), span.begins_at) for span in spans}
    slots = await event_prices.keep_prices(tenant, needed)
    return await token_events.add_up_batches(tenant, batches, slots, linked.cuts(), superseded)


def _days(moves: Sequence[Move]) -> set[TeamDay]:
    return {TeamDay(move.group.team_id, move.group.hour.date()) for move in moves}
