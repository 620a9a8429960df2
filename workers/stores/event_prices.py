"""What tokens cost when their events were counted, kept so that they move between windows with that cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schema.database import Connection, rows_as_columns
from workers.prices import SIZELESS, UnitPrices, unit_prices
from workers.stores.intake_batches import Batch, keys_of

# Prices change at whole and half hours at the soonest.
_NEEDED = """
SELECT needed.*, known.used_at
  FROM (SELECT DISTINCT provider, model, date_bin('30 minutes', occurred_at, '2000-01-01 00:00+00') AS begins_at
          FROM token_event
         WHERE organization_id = $1 AND batch_id = ANY($2::bigint[]) AND received_at = ANY($3::timestamptz[])) AS needed
  LEFT JOIN event_price AS known
    ON known.organization_id = $1 AND known.provider = needed.provider AND known.model = needed.model
   AND known.begins_at = needed.begins_at AND known.from_input = 0
"""

_KEEP = f"""
INSERT INTO event_price (
       organization_id, provider, model, begins_at, is_listed, {", ".join(UnitPrices._fields)})
SELECT $1, price.* FROM unnest(
       $2::text[], $3::text[], $4::timestamptz[], $5::boolean[],
       $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
       $13::bigint[]) AS price
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of ours

_USE = """
UPDATE event_price SET used_at = now()
 WHERE organization_id = $1 AND begins_at BETWEEN $2 AND $3 AND used_at < now() - interval '1 hour'
"""

_UNLISTED = UnitPrices(0, SIZELESS, 0, 0, 0, 0, 0, 0)


class Slots(NamedTuple):
    """The first and the last half hour that prices are needed of."""

    first: datetime
    last: datetime


async def keep_prices(connection: Connection, organization_id: int, batches: Sequence[Batch]) -> Slots | None:
    """See to it that every event of these batches finds its price; None when there are no events."""
    needed = await connection.fetch(_NEEDED, organization_id, *keys_of(batches))
    if not needed:
        return None
    slots = Slots(min(row["begins_at"] for row in needed), max(row["begins_at"] for row in needed))
    await connection.execute(_USE, organization_id, *slots)
    new = [
        (*key, bool(listed), *prices)
        for row in needed
        if row["used_at"] is None
        for key in [(row["provider"], row["model"], row["begins_at"])]
        for listed in [unit_prices(*key)]
        for prices in listed or [_UNLISTED]
    ]
    if new:
        await connection.execute(_KEEP, organization_id, *rows_as_columns(new))
    return slots
