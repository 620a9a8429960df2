"""Token events that count in no window, because another source reports the request or their source is excluded.

New events are compared with others of that time, whichever arrived first, and connected events are paired again: an
event may be superseded by a better one, or a superseded one may be reinstated. Only organizations with several
witnesses or a rule about sources pay for this.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.layer_policies import read_policy
from schema.vocabulary.layers import EVERY_TEAM, LayerPolicy
from schema.vocabulary.tokens import TOKEN_KINDS
from workers.layers.copies import find_copies
from workers.stores.tokens.alike_events import AlikeEvent, Witness, load_alike
from workers.stores.tokens.intake_batches import Batch, keys_of
from workers.stores.tokens.known_sources import record_sources
from workers.stores.tokens.token_events import Found

_BY_RULE = f"""
SELECT event_id, session, occurred_at
  FROM token_event AS event
  JOIN unnest($4::text[], $5::bigint[]) AS rule (source, team_id)
    ON rule.source = event.source AND rule.team_id IN (event.team_id, {EVERY_TEAM})
 WHERE organization_id = $1 AND batch_id = ANY($2::bigint[]) AND received_at = ANY($3::timestamptz[])
"""  # noqa: S608 - a constant

_RULED_BEFORE = """
SELECT event.event_id, event.session, event.occurred_at
  FROM token_event AS event
  JOIN superseded_event AS aside ON aside.organization_id = $1 AND aside.event_id = event.event_id
 WHERE event.organization_id = $1 AND event.batch_id = ANY($2::bigint[]) AND event.received_at = ANY($3::timestamptz[])
   AND aside.counted_id IS NULL
"""

_FORGET = "DELETE FROM superseded_event WHERE organization_id = $1 AND event_id = ANY($2::bytea[])"

_SAVE = """
INSERT INTO superseded_event (organization_id, event_id, counted_id, counted_source)
SELECT $1, aside.* FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS aside
"""

_ADD_TOTALS = f"""
INSERT INTO superseded_total AS total (
       organization_id, team_id, day, source, counted_source, requests, {", ".join(TOKEN_KINDS)})
SELECT $1, event.team_id, (event.occurred_at AT TIME ZONE 'UTC')::date, event.source, changed.counted_source,
       sum(changed.sign), {", ".join(f"sum(changed.sign * event.{kind})" for kind in TOKEN_KINDS)}
  FROM unnest($2::bytea[], $3::text[], $4::bigint[]) AS changed (event_id, counted_source, sign)
  JOIN LATERAL (SELECT * FROM token_event AS known
                 WHERE known.organization_id = $1 AND known.event_id = changed.event_id LIMIT 1) AS event ON true
 GROUP BY 2, 3, 4, 5
    ON CONFLICT (organization_id, team_id, day, source, counted_source) DO UPDATE SET
       requests = total.requests + excluded.requests,
       {", ".join(f"{kind} = total.{kind} + excluded.{kind}" for kind in TOKEN_KINDS)}
"""  # noqa: S608 - fixed names


class Replacement(NamedTuple):
    """The event that counts instead of a superseded one, and its source; empty when its own source is excluded."""

    counted_id: bytes | None
    counted_source: str


class Verdict(NamedTuple):
    """Replacements of some events so far and from now on, by id; `found` locates the events."""

    before: Mapping[bytes, Replacement]
    after: Mapping[bytes, Replacement]
    found: Mapping[bytes, Found]

    @property
    def sessions(self) -> set[bytes]:
        """The sessions of events that are superseded or reinstated."""
        changed = (self.found[event_id].session for event_id in self.before.keys() ^ self.after.keys())
        return {session for session in changed if session is not None}

    @property
    def superseded(self) -> dict[bytes, Found]:
        """Events that count no longer, or never did."""
        return {event_id: self.found[event_id] for event_id in self.after.keys() - self.before.keys()}

    @property
    def reinstated(self) -> dict[bytes, Found]:
        """Events that count again."""
        return {event_id: self.found[event_id] for event_id in self.before.keys() - self.after.keys()}


BY_RULE = Replacement(None, "")
NOTHING = Verdict({}, {}, {})


async def judge(tenant: Tenant, batches: Sequence[Batch], sources: Collection[str], *, again: bool = False) -> Verdict:
    """Return what the events of these batches and sources change; `again` for folded batches.

    Needs the organization's folding lock.
    """
    policy = await read_policy(tenant)
    recent = await record_sources(tenant, sources)
    witnesses = {source: Witness(policy.layer_of(source), policy.group_of(source)) for source in recent}
    ruled = await _by_rule(tenant, batches, policy) if policy.superseded else {}
    ruled_before = await _ruled_before(tenant, batches) if again else {}
    known: list[AlikeEvent] = []
    if again or len(set(witnesses.values())) > 1:
        freed = ruled_before.keys() - ruled.keys()
        known = _known(await load_alike(tenant, batches, witnesses, freed))
    before = {
        event.report.event_id: Replacement(event.counted_id, event.counted_source)
        for event in known
        if event.counted_id
    }
    found = {event.report.event_id: Found(event.session, event.report.occurred_at) for event in known}
    return _verdict(
        {**before, **dict.fromkeys(ruled_before, BY_RULE)},
        {**_copies(known, ruled, policy), **dict.fromkeys(ruled, BY_RULE)},
        {**found, **ruled, **ruled_before},
    )


def _known(alike: Sequence[AlikeEvent]) -> list[AlikeEvent]:
    """Leave out events whose counterpart was deleted: they stay superseded."""
    alive = {event.report.event_id for event in alike}
    return [event for event in alike if event.counted_id is None or event.counted_id in alive]


def _copies(known: Sequence[AlikeEvent], ruled: Collection[bytes], policy: LayerPolicy) -> dict[bytes, Replacement]:
    sources = {event.report.event_id: event.source for event in known}
    free = [event.report for event in known if event.report.event_id not in ruled]
    return {copy: Replacement(counted, sources[counted]) for copy, counted in find_copies(free, policy.order).items()}


def _verdict(
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


async def _by_rule(tenant: Tenant, batches: Sequence[Batch], policy: LayerPolicy) -> dict[bytes, Found]:
    """Return events of excluded sources."""
    rules = rows_as_columns(sorted(policy.superseded))
    rows = await tenant.fetch(_BY_RULE, *keys_of(batches), *rules)
    return {row["event_id"]: Found(row["session"], row["occurred_at"]) for row in rows}


async def _ruled_before(tenant: Tenant, batches: Sequence[Batch]) -> dict[bytes, Found]:
    """Return events whose sources were excluded so far."""
    rows = await tenant.fetch(_RULED_BEFORE, *keys_of(batches))
    return {row["event_id"]: Found(row["session"], row["occurred_at"]) for row in rows}


async def save(tenant: Tenant, verdict: Verdict) -> None:
    """Save a verdict and its totals; runs last, because moves depend on what was superseded before."""
    signed = [
        (event_id, replacement.counted_source, sign)
        for replacements, sign in ((verdict.before, -1), (verdict.after, 1))
        for event_id, replacement in sorted(replacements.items())
    ]
    if not signed:
        return
    await tenant.execute(_FORGET, sorted(verdict.before))
    if verdict.after:
        rows = [(event_id, *replacement) for event_id, replacement in sorted(verdict.after.items())]
        await tenant.execute(_SAVE, *rows_as_columns(rows))
    await tenant.execute(_ADD_TOTALS, *rows_as_columns(signed))
