"""Sums by hour of tokens that only metrics, or only an import, reported: the larger sum counts.

Metrics that name no session, and those whose raw events are deleted, name nothing that an import holds, too. Both
report the same requests, so of a team, source and model the tokens of an import fill only what the metrics of these
hours lack, and metrics that come later only what the import lacks. Metrics come after the requests that they count, so
the metrics of an hour may also count requests of the hour before.

A session whose metrics still have a tally is compared by that alone: see tallies.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schema.database import Tenant, rows_as_columns
from schema.interpreter import aside
from service.http.event_packing import EventRow
from service.telemetry.measured.replacements import take
from service.telemetry.measured.sessions import FIND_TALLIES
from service.telemetry.measured.tallies import cut
from service.telemetry.store.event_batches import PLAN, TeamEvent, remember
from service.telemetry.store.unnamed_requests import FIND_COUNTED
from vocabulary.imported_sources import IMPORT, IMPORTED_SOURCES, METERED_BY_SERVICE, METRICS
from vocabulary.model_keys import model_key
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

HOUR = timedelta(hours=1)
NOTHING = TokenCounts()

FIND = f"""
    SELECT kept.team_id, kept.source, kept.hour, kept.model, kept.reporter,
           {", ".join(f"kept.{kind}" for kind in TOKEN_KINDS)}
      FROM unnest($2::bigint[], $3::text[], $4::timestamptz[]) AS wanted (team_id, source, hour)
      JOIN metered_hour AS kept
        ON kept.organization_id = $1 AND kept.team_id = wanted.team_id
       AND kept.source = wanted.source AND kept.hour = wanted.hour
"""  # noqa: S608 - fixed names
SAVE = f"""
    INSERT INTO metered_hour AS kept (organization_id, team_id, source, hour, model, reporter, {", ".join(TOKEN_KINDS)})
    SELECT $1::bigint, changed.*
      FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
                  $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) AS changed
    ON CONFLICT (organization_id, team_id, source, hour, model, reporter) DO UPDATE SET
        seen_at = excluded.seen_at, {", ".join(f"{kind} = kept.{kind} + excluded.{kind}" for kind in TOKEN_KINDS)}
"""  # noqa: S608 - fixed names


class Sum(NamedTuple):
    """Where a sum is kept; the model is a key of vocabulary/model_keys.py."""

    team_id: int
    source: str
    hour: datetime
    model: str
    reporter: str


class Sums:
    """The kept sums near some events, while these are compared with them."""

    def __init__(self, kept: Mapping[Sum, TokenCounts]) -> None:
        self._left = dict(kept)
        self._kept = kept

    def rest(self, team_id: int, row: EventRow, reporter: str) -> TokenCounts:
        """Return what the other reporter has not reported of an event; only that counts."""
        hour, model, rest = _hour(row), model_key(row.model), row.tokens
        other, near = (METRICS, hour + HOUR) if reporter == IMPORT else (IMPORT, hour - HOUR)
        for at in (hour, near):
            place = Sum(team_id, row.source, at, model, other)
            if left := self._left.get(place):
                self._left[place], rest = absorb(left, rest)
        # Of other sources, the sessions of metrics are compared while raw events exist.
        if row.source in METERED_BY_SERVICE:
            self._add(Sum(team_id, row.source, hour, model, reporter), rest)
        return rest

    def withdraw(self, team_id: int, row: EventRow) -> None:
        """Take back metrics that a more detailed signal replaced; `row` has negative counts."""
        self._add(Sum(team_id, row.source, _hour(row), model_key(row.model), METRICS), row.tokens)

    def changes(self) -> list[tuple[Sum, TokenCounts]]:
        """Return by how much sums differ from those kept."""
        changes = ((place, left.minus(self._kept.get(place, NOTHING))) for place, left in sorted(self._left.items()))
        return [(place, change) for place, change in changes if any(change)]

    def _add(self, place: Sum, tokens: TokenCounts) -> None:
        if any(tokens):
            added = self._left.get(place, NOTHING).plus(tokens)
            self._left[place] = TokenCounts(*(max(each, 0) for each in added))


def absorb(left: TokenCounts, wanted: TokenCounts) -> tuple[TokenCounts, TokenCounts]:
    """Return what is left of a sum after an event, and of the event after the sum: first kind by kind, then at all."""
    taken = take(left, wanted)
    missing = wanted.minus(TokenCounts._make(map(min, left, wanted)))
    rest = cut(missing, sum(wanted[:3]) - sum(taken[:3]), sum(wanted[3:]) - sum(taken[3:]))
    return left.minus(taken), rest


async def count_once(tenant: Tenant, events: dict[bytes, TeamEvent], metered: Collection[bytes]) -> None:
    """Cut the imported and the metered ones of these events, by id, to what the other way did not report.

    `metered` are the ids of events made from metrics, with their withdrawals. Call `lock_intake` first.
    """
    imported = {
        event_id: event
        for event_id, event in events.items()
        if event[1].remembered and event[1].source in IMPORTED_SOURCES and any(event[1].tokens)
    }
    of_metrics = {
        event_id: events[event_id]
        for event_id in metered
        if event_id in events and events[event_id][1].source in METERED_BY_SERVICE
    }
    if not imported and not of_metrics:
        return
    kept = await _find(tenant, [*imported.values(), *of_metrics.values()])
    if not kept and METERED_BY_SERVICE.isdisjoint(row.source for _, row in (*imported.values(), *of_metrics.values())):
        return
    sums = Sums(kept)
    if imported:
        await _cut(tenant, sums, events, await _comparable(tenant, imported), IMPORT)
    for team_id, row in of_metrics.values():
        if row.tokens.total < 0:
            sums.withdraw(team_id, row)
    positive = {event_id: event for event_id, event in of_metrics.items() if event[1].tokens.total > 0}
    await _cut(tenant, sums, events, positive, METRICS)
    if changes := sums.changes():
        await tenant.execute(SAVE, *rows_as_columns([(*place, *tokens) for place, tokens in changes]))


async def _comparable(tenant: Tenant, imported: Mapping[bytes, TeamEvent]) -> dict[bytes, TeamEvent]:
    """Leave out imported events that were counted before, and those of sessions with a tally."""
    counted = {row["event_id"] for row in await tenant.fetch(FIND_COUNTED, sorted(imported))}
    sessions = {row.session for _, row in imported.values() if row.session}
    tallied = {row["tally_id"] for row in await tenant.fetch(FIND_TALLIES, sorted(sessions))} if sessions else set()
    return {
        event_id: (team_id, row)
        for event_id, (team_id, row) in imported.items()
        if event_id not in counted and row.session not in tallied
    }


async def _cut(
    tenant: Tenant, sums: Sums, events: dict[bytes, TeamEvent], chosen: Mapping[bytes, TeamEvent], reporter: str
) -> None:
    gone = await aside(len(chosen), _cut_each, sums, events, chosen, reporter)
    if reporter == IMPORT:
        await remember(tenant, gone)


def _cut_each(
    sums: Sums, events: dict[bytes, TeamEvent], chosen: Mapping[bytes, TeamEvent], reporter: str
) -> list[bytes]:
    """Cut the chosen events, and return those of which nothing is left."""
    gone = []
    for event_id, (team_id, row) in sorted(chosen.items(), key=lambda each: (each[1][1].occurred_at, each[0])):
        rest = sums.rest(team_id, row, reporter)
        if rest == row.tokens:
            continue
        if any(rest) or row.web_searches or row.code_executions:
            an_hour = min(row.cache_write_1h, rest.cache_write)
            events[event_id] = team_id, row._replace(tokens=rest, cache_write_1h=an_hour)
        else:
            del events[event_id]
            gone.append(event_id)
    return gone


async def _find(tenant: Tenant, events: Iterable[TeamEvent]) -> dict[Sum, TokenCounts]:
    """Return the sums of the hours of these events, and of the hours beside them."""
    wanted = set()
    for team_id, row in events:
        wanted |= {(team_id, row.source, _hour(row) + HOUR * beside) for beside in (-1, 0, 1)}
    async with tenant.planner(**PLAN):
        rows = await tenant.fetch(FIND, *rows_as_columns(sorted(wanted)))
    return {
        Sum(*(row[name] for name in Sum._fields)): TokenCounts(*(row[kind] for kind in TOKEN_KINDS)) for row in rows
    }


def _hour(row: EventRow) -> datetime:
    return row.occurred_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
