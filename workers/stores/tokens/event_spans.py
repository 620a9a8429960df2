"""When the events of batches occurred, by session and evidence, and by model and half hour."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import Tenant
from schema.planner import PlannerSwitches
from workers.attribution.model import Evidence
from workers.stores.row_parts import part_of
from workers.stores.tokens.intake_batches import IN_BATCHES, Batch, keys_of

# For queries that group many rows, whatever the planner estimates.
GROUPED: PlannerSwitches = {"enable_nestloop": "off", "enable_sort": "off"}

_WORK = ("session", *Evidence._fields)
_SOLD = ("source", "provider", "model", "service_tier", "begins_at")
_COLUMNS = (*_WORK, *_SOLD, "first", "last")
_OF_MODEL, _EVIDENCE = part_of(_COLUMNS, (*_SOLD, "first", "last")), part_of(_COLUMNS, Evidence._fields)

# Prices change only at full and half hours. Events are read once and grouped twice: groups by all columns together
# would be three times as many rows.
_SPANS = f"""
SELECT {", ".join(_WORK)}, {", ".join(_SOLD)}, min(occurred_at) AS first, max(occurred_at) AS last
  FROM (SELECT *, date_bin('30 minutes', occurred_at, '2000-01-01 00:00+00') AS begins_at
          FROM token_event AS event WHERE {IN_BATCHES}) AS event
 GROUP BY GROUPING SETS (({", ".join(_WORK)}), ({", ".join(_SOLD)}))
"""  # noqa: S608 - fixed names


class WorkSpan(NamedTuple):
    """The first and last event of a session that name the same evidence themselves."""

    session: bytes | None
    evidence: Evidence
    first: datetime
    last: datetime


class ModelSpan(NamedTuple):
    """The first and last event of a source and model in a half hour."""

    source: str
    provider: str
    model: str
    service_tier: str
    begins_at: datetime
    first: datetime
    last: datetime


class EventSpans(NamedTuple):
    """The spans of the same events, by their work and by their model."""

    of_work: Sequence[WorkSpan] = ()
    of_models: Sequence[ModelSpan] = ()


async def read_spans(tenant: Tenant, batches: Sequence[Batch]) -> EventSpans:
    """Return the spans of the batches' events."""
    async with tenant.planner(**GROUPED):
        rows = await tenant.fetch(_SPANS, *keys_of(batches))
    return EventSpans(
        [
            WorkSpan(row["session"], Evidence._make(row[_EVIDENCE]), row["first"], row["last"])
            for row in rows
            if row["begins_at"] is None
        ],
        [ModelSpan._make(row[_OF_MODEL]) for row in rows if row["begins_at"] is not None],
    )
