"""When the events of batches occurred, by session, evidence and model."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import Tenant
from schema.planner import PlannerSwitches
from workers.attribution.model import Evidence
from workers.stores.tokens.intake_batches import IN_BATCHES, Batch, keys_of

# For queries that group many rows, whatever the planner estimates.
GROUPED: PlannerSwitches = {"enable_nestloop": "off", "enable_sort": "off"}

# Prices change only at full and half hours.
_SPANS = f"""
SELECT session, {", ".join(Evidence._fields)}, source, provider, model, service_tier,
       date_bin('30 minutes', occurred_at, '2000-01-01 00:00+00') AS begins_at,
       min(occurred_at) AS first, max(occurred_at) AS last
  FROM token_event AS event WHERE {IN_BATCHES}
 GROUP BY session, {", ".join(Evidence._fields)}, source, provider, model, service_tier, begins_at
"""  # noqa: S608 - fixed names


class EventSpan(NamedTuple):
    """The first and last event of a session, half hour and model that name the same evidence themselves."""

    session: bytes | None
    evidence: Evidence
    source: str
    provider: str
    model: str
    service_tier: str
    begins_at: datetime
    first: datetime
    last: datetime


async def read_spans(tenant: Tenant, batches: Sequence[Batch]) -> list[EventSpan]:
    """Return the spans of the batches' events."""
    async with tenant.planner(**GROUPED):
        rows = await tenant.fetch(_SPANS, *keys_of(batches))
    return [
        EventSpan(session, Evidence(artifact, number, commit, branch, repository), *rest)
        for session, artifact, number, commit, branch, repository, *rest in rows
    ]
