"""Supersedes new token events where it is clear which one report counts instead.

Clear events are compared as columns and never become objects: folding two layers takes a quarter of the time. What is
not clear is left to `find_copies`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from schema.database import Tenant
from vocabulary.tokens import TOKEN_KINDS
from workers.layers.clear_pairs import Column, find_clear_pairs
from workers.layers.neighbours import Span, merge_spans
from workers.layers.pairing import MICROSECOND
from workers.layers.reports import FAR
from workers.stores.tokens.intake_batches import Batch
from workers.stores.tokens.near_columns import (
    EPOCH,
    ID,
    INPUT_KINDS,
    OUTPUT_KINDS,
    first_bytes,
    read_near,
    report_columns,
    total,
)
from workers.stores.tokens.near_events import Witnesses
from workers.stores.tokens.superseded_events import add_totals

_DAY = timedelta(days=1) // MICROSECOND

_SUPERSEDED = "SELECT event_id FROM superseded_event WHERE organization_id = $1 AND event_id = ANY($2::bytea[])"

_SAVE = f"""
INSERT INTO superseded_event (organization_id, event_id, counted_id, counted_source)
SELECT $1, substring($2::bytea FROM {ID} * place + 1 FOR {ID}), substring($3::bytea FROM {ID} * place + 1 FOR {ID}), $4
  FROM generate_series(0, $5::int - 1) AS copy (place)
"""  # noqa: S608 - a constant

_FIND = """
SELECT event.event_id, event.session, event.occurred_at FROM unnest($2::bytea[]) AS wanted (event_id)
  JOIN LATERAL (SELECT * FROM token_event AS known
                 WHERE known.organization_id = $1 AND known.event_id = wanted.event_id LIMIT 1) AS event ON true
"""


class FoldedCopy(NamedTuple):
    """An event folded before that a new one supersedes."""

    event_id: bytes
    counted_id: bytes
    counted_source: str
    session: bytes | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Unclear:
    """Input and output counts, and request ids, of events that must be loaded, and when these occurred."""

    counts: set[tuple[int, int]]
    requests: set[bytes]
    spans: list[Span]


class Clear(NamedTuple):
    """How many new events were superseded, folded events that must be, and what is left."""

    superseded: int
    folded: list[FoldedCopy]
    unclear: Unclear


async def supersede_clear(
    tenant: Tenant,
    batches: Sequence[Batch],
    spans: Sequence[Span],
    witnesses: Witnesses,
    models: Collection[str],
    *,
    has_rules: bool = False,
    again: bool = False,
) -> Clear:
    """Save which new events are superseded; `spans` must reach twice `FAR` beyond the events of the batches.

    With `has_rules`, some of these may be superseded already. With `again`, the batches were folded before, and nothing
    is clear.
    """
    names = sorted(models)
    rows = await read_near(tenant, batches, spans, witnesses, names)
    copies, counted, is_unclear = find_clear_pairs(report_columns(rows, witnesses, names), again=again)
    is_known = await _superseded_before(tenant, rows, copies, counted, has_rules=has_rules)
    for places in (copies, counted):
        is_unclear[places[is_known]] = True
    copies, counted = copies[~is_known], counted[~is_known]
    is_new = rows["is_new"][copies]
    await _save(tenant, rows, copies[is_new], counted[is_new], witnesses)
    folded = await _find(tenant, rows, copies[~is_new], counted[~is_new], witnesses)
    return Clear(int(is_new.sum()), folded, _unclear(rows[is_unclear]))


async def _superseded_before(
    tenant: Tenant, rows: Column, copies: Column, counted: Column, *, has_rules: bool
) -> Column:
    """Return for which pairs something was decided before; `has_rules` if that may be so for new events."""
    sides = [rows["event_id"][places] for places in (copies, counted)]
    may_be = [~rows["is_new"][places] | has_rules for places in (copies, counted)]
    asked = [event_id for side, mask in zip(sides, may_be, strict=True) for event_id in side[mask].tolist()]
    if not asked:
        return np.zeros(len(copies), dtype=bool)
    known = {row["event_id"] for row in await tenant.fetch(_SUPERSEDED, asked)}
    pairs = zip(*(side.tolist() for side in sides), strict=True)
    return np.array([not known.isdisjoint(pair) for pair in pairs], dtype=bool)


async def _save(tenant: Tenant, rows: Column, copies: Column, counted: Column, witnesses: Witnesses) -> None:
    """Save pairs by source, in the order of ids, which the index takes faster."""
    order = np.argsort(first_bytes(rows["event_id"][copies]))
    copies, counted = copies[order], counted[order]
    sources = rows["source"][counted]
    for source in np.unique(sources).tolist():
        of_source = sources == source
        columns = (rows["event_id"][places[of_source]].tobytes() for places in (copies, counted))
        await tenant.execute(_SAVE, *columns, witnesses.sources[source - 1], int(of_source.sum()))
    await add_totals(tenant, _totals(rows[copies], sources, witnesses))


def _totals(copies: Column, counted_sources: Column, witnesses: Witnesses) -> list[tuple[object, ...]]:
    """Sum copies as rows of `TOTALS`. Intake limits events, so that no sum of a claim exceeds 64 bits."""
    if not len(copies):
        return []
    days = copies["occurred_at"] // _DAY
    order = np.lexsort((counted_sources, copies["source"], days, copies["team_id"]))
    keys = np.stack((copies["team_id"], days, copies["source"], counted_sources))[:, order]
    starts = np.flatnonzero(np.concatenate(([True], (np.diff(keys) != 0).any(axis=0))))
    sizes = np.diff(starts, append=len(copies)).tolist()
    sums = [np.add.reduceat(copies[kind][order].astype(np.int64), starts).tolist() for kind in TOKEN_KINDS]
    return [
        (team_id, (EPOCH + timedelta(day)).date(), *(witnesses.sources[place - 1] for place in sources), *amounts)
        for (team_id, day, *sources), *amounts in zip(keys[:, starts].T.tolist(), sizes, *sums, strict=True)
    ]


async def _find(
    tenant: Tenant, rows: Column, copies: Column, counted: Column, witnesses: Witnesses
) -> list[FoldedCopy]:
    ids = [rows["event_id"][places].tolist() for places in (copies, counted)]
    sources = [witnesses.sources[source - 1] for source in rows["source"][counted].tolist()]
    if not sources:
        return []
    found = {row["event_id"]: row for row in await tenant.fetch(_FIND, ids[0])}
    return [
        FoldedCopy(copy, one, source, found[copy]["session"], found[copy]["occurred_at"])
        for copy, one, source in zip(*ids, sources, strict=True)
    ]


def _unclear(rows: Column) -> Unclear:
    instants = [EPOCH + at * MICROSECOND for at in np.unique(rows["occurred_at"]).tolist()]
    return Unclear(
        set(zip(*(total(rows, kinds).tolist() for kinds in (INPUT_KINDS, OUTPUT_KINDS)), strict=True)),
        set(rows["request"].tolist()) - {bytes(ID)},
        merge_spans(Span(at - 2 * FAR, at + 2 * FAR) for at in instants),
    )
