"""Which list prices windows were priced with, to find the models that a newer list prices otherwise."""

from datetime import UTC, date, datetime, time, timedelta

from schema.database import Tenant, rows_as_columns
from vocabulary.model_keys import model_key
from workers.prices.listed import Sold, digest_of

# Older windows keep their cost.
LOOK_BACK = timedelta(days=400)

_SOLD = """
SELECT DISTINCT sold.provider, sold.model, sold.service_tier, known.digest
  FROM token_window AS sold
  LEFT JOIN listed_price AS known
    ON known.organization_id = $1 AND known.provider = sold.provider AND known.model = sold.model
   AND known.service_tier = sold.service_tier
 WHERE sold.organization_id = $1 AND sold.hour >= $2
"""

_KEEP = """
INSERT INTO listed_price AS known (organization_id, provider, model, service_tier, digest)
SELECT $1::bigint, price.* FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS price
    ON CONFLICT (organization_id, provider, model, service_tier) DO UPDATE SET digest = excluded.digest
 WHERE known.organization_id = $1
"""

_MARK_STALE = """
INSERT INTO stale_price (organization_id, model, first_day)
SELECT $1::bigint, model, $3 FROM unnest($2::text[]) AS model
RETURNING note_id
"""


async def mark_changed(tenant: Tenant, today: date) -> bool:
    """Mark the windows of models whose list prices differ from those they were priced with; return whether any do."""
    first_day = today - LOOK_BACK
    changed: dict[Sold, bytes] = {}
    stale: set[str] = set()
    for row in await tenant.fetch(_SOLD, datetime.combine(first_day, time(), UTC)):
        sold = Sold(row["provider"], row["model"], row["service_tier"])
        digest = digest_of(sold)
        if row["digest"] != digest:
            changed[sold] = digest
            if row["digest"] is not None:
                stale.add(model_key(sold.model))
    if changed:
        await tenant.execute(_KEEP, *rows_as_columns([(*sold, digest) for sold, digest in sorted(changed.items())]))
    if stale:
        await tenant.fetch(_MARK_STALE, sorted(stale), first_day)
    return bool(stale)
