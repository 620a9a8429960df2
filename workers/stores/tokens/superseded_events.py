"""Token events that count in no window, because another source reports the request or their source is excluded."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from vocabulary.layers import EVERY_TEAM, LayerPolicy
from vocabulary.tokens import TOKEN_KINDS
from workers.stores.tokens.intake_batches import IN_BATCHES, Batch, keys_of
from workers.stores.tokens.token_events import Found

_IS_RULED = f"""
EXISTS (SELECT FROM unnest($4::text[], $5::bigint[]) AS rule (source, team_id)
         WHERE rule.source = event.source AND rule.team_id IN (event.team_id, {EVERY_TEAM}))
"""

_BY_RULE = f"""
SELECT event_id, session, occurred_at FROM token_event AS event WHERE {IN_BATCHES} AND {_IS_RULED}
"""  # noqa: S608 - fixed names

_SUPERSEDE_BY_RULE = f"""
WITH kept AS (
    INSERT INTO superseded_event (organization_id, event_id, counted_source)
    SELECT $1, event_id, '' FROM token_event AS event WHERE {IN_BATCHES} AND {_IS_RULED}
    RETURNING 1
)
SELECT count(*) FROM kept
"""  # noqa: S608 - fixed names

_RULED_BEFORE = f"""
SELECT event.event_id, event.session, event.occurred_at
  FROM token_event AS event
  JOIN superseded_event AS aside ON aside.organization_id = $1 AND aside.event_id = event.event_id
 WHERE {IN_BATCHES} AND aside.counted_id IS NULL
"""  # noqa: S608 - fixed names

_FORGET = "DELETE FROM superseded_event WHERE organization_id = $1 AND event_id = ANY($2::bytea[])"

_SAVE = """
INSERT INTO superseded_event (organization_id, event_id, counted_id, counted_source)
SELECT $1, aside.* FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS aside
"""


# Sums of superseded tokens, by these columns.
TOTALS = ("team_id", "day", "source", "counted_source", "requests", *TOKEN_KINDS)
_INTO_TOTALS = f"INSERT INTO superseded_total AS total (organization_id, {', '.join(TOTALS)})"
_ADDED = f"""
    ON CONFLICT (organization_id, team_id, day, source, counted_source) DO UPDATE SET
       {", ".join(f"{name} = total.{name} + excluded.{name}" for name in ("requests", *TOKEN_KINDS))}
"""
_ADD_TOTALS = f"""
{_INTO_TOTALS}
SELECT $1, added.* FROM unnest(
       $2::bigint[], $3::date[], $4::text[], $5::text[],
       $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) AS added
{_ADDED}
"""  # noqa: S608 - fixed names
_ADD_EVENTS = f"""
{_INTO_TOTALS}
SELECT $1, event.team_id, (event.occurred_at AT TIME ZONE 'UTC')::date, event.source, changed.counted_source,
       sum(changed.sign), {", ".join(f"sum(changed.sign * event.{kind})" for kind in TOKEN_KINDS)}
  FROM unnest($2::bytea[], $3::text[], $4::bigint[]) AS changed (event_id, counted_source, sign)
  JOIN LATERAL (SELECT * FROM token_event AS known
                 WHERE known.organization_id = $1 AND known.event_id = changed.event_id LIMIT 1) AS event ON true
 GROUP BY 2, 3, 4, 5
{_ADDED}
"""  # noqa: S608 - fixed names
_ADD_RULED = f"""
{_INTO_TOTALS}
SELECT $1, team_id, (occurred_at AT TIME ZONE 'UTC')::date, source, '',
       count(*), {", ".join(f"sum({kind})" for kind in TOKEN_KINDS)}
  FROM token_event AS event WHERE {IN_BATCHES} AND {_IS_RULED}
 GROUP BY 2, 3, 4
{_ADDED}
"""  # noqa: S608 - fixed names


class Replacement(NamedTuple):
    """The event that counts instead of a superseded one, and its source; empty when its own source is excluded."""

    counted_id: bytes | None
    counted_source: str


class Verdict(NamedTuple):
    """Replacements of events folded before, so far and from now on, by id; `found` locates the events.

    `new` counts the events of new batches that are superseded, which is saved already.
    """

    before: Mapping[bytes, Replacement]
    after: Mapping[bytes, Replacement]
    found: Mapping[bytes, Found]
    new: int = 0

    @property
    def sessions(self) -> set[bytes]:
        """The sessions of events that are superseded or reinstated."""
        changed = (self.found[event_id].session for event_id in self.before.keys() ^ self.after.keys())
        return {session for session in changed if session is not None}

    @property
    def superseded(self) -> dict[bytes, Found]:
        """Events that count no longer."""
        return {event_id: self.found[event_id] for event_id in self.after.keys() - self.before.keys()}

    @property
    def reinstated(self) -> dict[bytes, Found]:
        """Events that count again."""
        return {event_id: self.found[event_id] for event_id in self.before.keys() - self.after.keys()}


async def supersede_by_rule(tenant: Tenant, batches: Sequence[Batch], policy: LayerPolicy) -> int:
    """Supersede the new events of excluded sources; return how many."""
    if not policy.superseded:
        return 0
    await tenant.execute(_ADD_RULED, *_ruled(batches, policy))
    count: int = await tenant.fetchval(_SUPERSEDE_BY_RULE, *_ruled(batches, policy))
    return count


async def find_ruled(tenant: Tenant, batches: Sequence[Batch], policy: LayerPolicy) -> dict[bytes, Found]:
    """Return events of excluded sources."""
    if not policy.superseded:
        return {}
    rows = await tenant.fetch(_BY_RULE, *_ruled(batches, policy))
    return {row["event_id"]: Found(row["session"], row["occurred_at"]) for row in rows}


async def find_ruled_before(tenant: Tenant, batches: Sequence[Batch]) -> dict[bytes, Found]:
    """Return events whose sources were excluded so far."""
    rows = await tenant.fetch(_RULED_BEFORE, *keys_of(batches))
    return {row["event_id"]: Found(row["session"], row["occurred_at"]) for row in rows}


async def supersede(tenant: Tenant, replacements: Mapping[bytes, Replacement]) -> None:
    """Save which events are superseded, and add them to the totals."""
    await _save(tenant, replacements)
    await _add_events(tenant, {}, replacements)


async def add_totals(tenant: Tenant, rows: Sequence[tuple[object, ...]]) -> None:
    """Add rows of `TOTALS`."""
    if rows:
        await tenant.execute(_ADD_TOTALS, *rows_as_columns(rows))


async def save(tenant: Tenant, verdict: Verdict) -> None:
    """Save a verdict and its totals; runs last, because moves depend on what was superseded before."""
    if verdict.before:
        await tenant.execute(_FORGET, sorted(verdict.before))
    await _save(tenant, verdict.after)
    await _add_events(tenant, verdict.before, verdict.after)


async def _save(tenant: Tenant, replacements: Mapping[bytes, Replacement]) -> None:
    if replacements:
        rows = [(event_id, *replacement) for event_id, replacement in sorted(replacements.items())]
        await tenant.execute(_SAVE, *rows_as_columns(rows))


async def _add_events(tenant: Tenant, before: Mapping[bytes, Replacement], after: Mapping[bytes, Replacement]) -> None:
    signed = [
        (event_id, replacement.counted_source, sign)
        for replacements, sign in ((before, -1), (after, 1))
        for event_id, replacement in sorted(replacements.items())
    ]
    if signed:
        await tenant.execute(_ADD_EVENTS, *rows_as_columns(signed))


def _ruled(batches: Sequence[Batch], policy: LayerPolicy) -> tuple[object, ...]:
    return *keys_of(batches), *rows_as_columns(sorted(policy.superseded))
