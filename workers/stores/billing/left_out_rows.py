"""Rows of provider reports that hold tokens and could not be read, counted as dropped once."""

from collections import Counter
from collections.abc import Collection

from schema.database import Tenant, rows_as_columns
from schema.identifiers import Hasher
from workers.providers.left_out import LeftOutRow
from workers.stores.billing.provider_usage import Account

# Reports repeat the last days, and with them the same rows.
_REMEMBER = """
INSERT INTO idempotency_key (organization_id, event_id)
SELECT $1::bigint, event_id FROM unnest($2::bytea[]) AS row (event_id)
    ON CONFLICT (organization_id, event_id) DO NOTHING
RETURNING event_id
"""

_ADD = """
INSERT INTO dropped_record AS known (organization_id, day, source, signal, reason, records, tokens)
SELECT $1::bigint, (now() AT TIME ZONE 'UTC')::date, $2, 'report', dropped.*
  FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS dropped
    ON CONFLICT (organization_id, day, source, signal, reason) DO UPDATE SET
       records = known.records + excluded.records, tokens = known.tokens + excluded.tokens
"""


async def count_dropped(tenant: Tenant, hasher: Hasher, account: Account, left_out: Collection[LeftOutRow]) -> None:
    """Count the rows that no report had so far."""
    rows = {
        hasher.reference("left_out", f"{account.account_id}/{row.digest.hex()}"): row for row in left_out if row.reason
    }
    if not rows:
        return
    records: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for new in await tenant.fetch(_REMEMBER, sorted(rows)):
        row = rows[new["event_id"]]
        records[row.reason] += 1
        tokens[row.reason] += row.tokens
    if records:
        sums = [(reason, number, tokens[reason]) for reason, number in sorted(records.items())]
        await tenant.execute(_ADD, account.provider, *rows_as_columns(sums))
