"""Judges which token events are superseded.

New events are compared with others of that time, whichever arrived first, and connected events are paired again: an
event may be superseded by a better one, or a superseded one may be reinstated. Only organizations with several
witnesses or a rule about sources pay for this. All of it needs the organization's folding lock.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from schema.database import Tenant
from schema.layer_policies import read_policy
from vocabulary.layers import LayerPolicy
from workers.layers.copies import find_copies
from workers.layers.neighbours import Span, merge_spans
from workers.layers.reports import FAR
from workers.stores.tokens.alike_events import AlikeEvent, load_alike
from workers.stores.tokens.clear_copies import Clear, supersede_clear
from workers.stores.tokens.event_prices import Slots, models_of
from workers.stores.tokens.event_spans import ModelSpan, read_spans
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.known_sources import record_sources
from workers.stores.tokens.near_events import Witnesses
from workers.stores.tokens.superseded_events import (
    Replacement,
    Verdict,
    find_ruled,
    find_ruled_before,
    supersede,
    supersede_by_rule,
)
from workers.stores.tokens.token_events import Found

BY_RULE = Replacement(None, "")
NOTHING = Verdict({}, {}, {})
HALF_HOUR = timedelta(minutes=30)


async def judge_new(tenant: Tenant, batches: Sequence[Batch], events: Sequence[ModelSpan]) -> Verdict:
    """Supersede new events, and return what else they change; `events` are the spans of the batches."""
    policy = await read_policy(tenant)
    witnesses = Witnesses.of(await record_sources(tenant, {span.source for span in events}), policy)
    ruled = await supersede_by_rule(tenant, batches, policy)
    verdict = NOTHING if witnesses.is_single else await _pair_new(tenant, batches, events, witnesses, policy)
    return verdict._replace(new=verdict.new + ruled)


async def judge_again(tenant: Tenant, batches: Sequence[Batch]) -> Verdict:
    """Return what a changed policy changes for folded batches."""
    policy = await read_policy(tenant)
    witnesses = Witnesses.of(await record_sources(tenant, ()), policy)
    ruled = await find_ruled(tenant, batches, policy)
    ruled_before = await find_ruled_before(tenant, batches)
    clear = await _pair_clear(tenant, batches, (await read_spans(tenant, batches)).of_models, witnesses, again=True)
    known = await load_alike(tenant, batches, witnesses, clear.unclear, ruled_before.keys() - ruled.keys())
    paired = _pair_known(_known(known), ruled, policy)
    return _changes(
        {**paired.before, **dict.fromkeys(ruled_before, BY_RULE)},
        {**paired.after, **dict.fromkeys(ruled, BY_RULE)},
        {**paired.found, **ruled, **ruled_before},
    )


async def _pair_new(
    tenant: Tenant, batches: Sequence[Batch], events: Sequence[ModelSpan], witnesses: Witnesses, policy: LayerPolicy
) -> Verdict:
    clear = await _pair_clear(tenant, batches, events, witnesses, has_rules=bool(policy.superseded))
    known = _known(await load_alike(tenant, batches, witnesses, clear.unclear))
    paired = _pair_known(known, (), policy)
    new = {event.report.event_id for event in known if event.is_new} & paired.after.keys() - paired.before.keys()
    await supersede(tenant, {event_id: paired.after[event_id] for event_id in new})
    folded = {copy.event_id: copy for copy in clear.folded}
    after = {event_id: Replacement(copy.counted_id, copy.counted_source) for event_id, copy in folded.items()}
    found = {event_id: Found(copy.session, copy.occurred_at) for event_id, copy in folded.items()}
    verdict = _changes(
        paired.before,
        {**after, **{event_id: each for event_id, each in paired.after.items() if event_id not in new}},
        {**found, **paired.found},
    )
    return verdict._replace(new=clear.superseded + len(new))


async def _pair_clear(
    tenant: Tenant,
    batches: Sequence[Batch],
    events: Sequence[ModelSpan],
    witnesses: Witnesses,
    *,
    has_rules: bool = False,
    again: bool = False,
) -> Clear:
    spans = merge_spans(Span(span.first - 2 * FAR, span.last + 2 * FAR) for span in events)
    slots = Slots(spans[0].begins - HALF_HOUR, spans[-1].ends)
    models = {span.model for span in events} | await models_of(tenant, slots)
    return await supersede_clear(tenant, batches, spans, witnesses, models, has_rules=has_rules, again=again)


def _known(alike: Sequence[AlikeEvent]) -> list[AlikeEvent]:
    """Leave out events whose counterpart was deleted: they stay superseded."""
    alive = {event.report.event_id for event in alike}
    return [event for event in alike if event.counted_id is None or event.counted_id in alive]


def _pair_known(known: Sequence[AlikeEvent], ruled: Collection[bytes], policy: LayerPolicy) -> Verdict:
    sources = {event.report.event_id: event.source for event in known}
    free = [event.report for event in known if event.report.event_id not in ruled]
    return Verdict(
        {
            event.report.event_id: Replacement(event.counted_id, event.counted_source)
            for event in known
            if event.counted_id
        },
        {copy: Replacement(counted, sources[counted]) for copy, counted in find_copies(free, policy.order).items()},
        {event.report.event_id: Found(event.session, event.report.occurred_at) for event in known},
    )


def _changes(
    before: Mapping[bytes, Replacement], after: Mapping[bytes, Replacement], found: Mapping[bytes, Found]
) -> Verdict:
    """Keep only what changes."""
    same = {event_id for event_id, replacement in before.items() if after.get(event_id) == replacement}
    changed = (before.keys() | after.keys()) - same
    return Verdict(
        {event_id: replacement for event_id, replacement in before.items() if event_id not in same},
        {event_id: replacement for event_id, replacement in after.items() if event_id not in same},
        {event_id: found[event_id] for event_id in changed},
    )
