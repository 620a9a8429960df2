"""Import of bills: each replaces everything stored for its account and billing period."""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

import msgspec

from schema.database import Tenant, rows_as_columns
from schema.errors import BadInputError
from schema.identifiers import Hasher
from service.contracts.billing import BillIn, ChargeIn
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import nano_usd

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('bill', $1::bigint))"

_KNOWN = "SELECT bill_id, digest FROM bill WHERE organization_id = $1 AND bill_id = ANY($2::bytea[])"

_SAVE_BILL = """
    INSERT INTO bill (organization_id, bill_id, period_start, period_end, digest)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (organization_id, bill_id) DO UPDATE SET
        period_start = excluded.period_start, period_end = excluded.period_end, digest = excluded.digest,
        received_at = now()
"""

_FORGET_CHARGES = "DELETE FROM billing_charge WHERE organization_id = $1 AND bill_id = $2"

_FIRST_DAY = """
    SELECT min(first_day) FROM billing_charge WHERE organization_id = $1 AND bill_id = $2
"""

# Prices are valid until the next bill, so all later days are priced again.
_INVALIDATE = "INSERT INTO stale_reconciliation (organization_id, from_day) VALUES ($1, $2)"

_SAVE_CHARGES = """
    INSERT INTO billing_charge (
        organization_id, bill_id, charge_id, first_day, last_day, provider, model, kind, service_tier, lives_an_hour,
        category, is_correction, currency, exchange_rate, tokens, pieces, list_nano, contracted_nano, effective_nano,
        billed_nano)
    SELECT $1, $2, charge.* FROM unnest(
        $3::bytea[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
        $11::text[], $12::boolean[], $13::text[], $14::numeric[], $15::bigint[], $16::bigint[], $17::bigint[],
        $18::bigint[], $19::bigint[], $20::bigint[]
    ) AS charge
"""


class ChargeRow(NamedTuple):
    """A stored charge, in the column order of `_SAVE_CHARGES`; its id is a hash of everything except the amounts."""

    charge_id: bytes
    first_day: date
    last_day: date
    provider: str
    model: str
    kind: str
    service_tier: str
    lives_an_hour: bool
    category: str
    is_correction: bool
    currency: str
    exchange_rate: Decimal | None
    tokens: int
    pieces: int
    list_nano: int
    contracted_nano: int
    effective_nano: int
    billed_nano: int


class Imported(NamedTuple):
    """Counts of new or changed bills and of their charges."""

    bills: int
    charges: int


async def import_bills(tenant: Tenant, hasher: Hasher, bills: Sequence[BillIn]) -> Imported:
    """Store bills, all or none; raises BadInputError with the field of a duplicate bill or charge."""
    rows = [_charge_rows(bill, index) for index, bill in enumerate(bills)]
    bill_ids = _bill_ids(hasher, bills)
    # Two concurrent imports of one bill would mix their charges.
    await tenant.execute(_LOCK)
    known = {row["bill_id"]: row["digest"] for row in await tenant.fetch(_KNOWN, bill_ids)}
    changed = charges = 0
    changed_days: list[date] = []
    for bill_id, bill, charge_rows in zip(bill_ids, bills, rows, strict=True):
        digest = _digest(bill, charge_rows)
        if known.get(bill_id) == digest:
            continue
        changed += 1
        charges += len(charge_rows)
        await tenant.execute(_SAVE_BILL, bill_id, bill.period_start, bill.period_end, digest)
        before = await tenant.fetchval(_FIRST_DAY, bill_id)
        changed_days += [bill.period_start, before or bill.period_start, *(charge.first_day for charge in bill.charges)]
        await tenant.execute(_FORGET_CHARGES, bill_id)
        if charge_rows:
            await tenant.execute(_SAVE_CHARGES, bill_id, *rows_as_columns(charge_rows))
    if changed_days:
        await tenant.execute(_INVALIDATE, min(changed_days))
    return Imported(changed, charges)


def _digest(bill: BillIn, charge_rows: list[ChargeRow]) -> bytes:
    """Hash a bill; the order of its charges does not matter."""
    in_order = sorted(charge_rows, key=attrgetter("charge_id"))
    return hashlib.sha256(msgspec.json.encode((bill.period_end, in_order))).digest()


def _bill_ids(hasher: Hasher, bills: Sequence[BillIn]) -> list[bytes]:
    """Return the keyed hash of each bill's issuer, account and period; raises BadInputError for duplicates."""
    names = [f"{bill.issuer}\n{bill.account}\n{bill.period_start}" for bill in bills]
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise BadInputError(
                "has the same issuer, account and period as another item; send their charges as one bill",
                field=f"items[{index}]",
            )
        seen.add(name)
    return [hasher.reference("bill", name) for name in names]


def _charge_rows(bill: BillIn, index: int) -> list[ChargeRow]:
    """Convert the charges of a bill to rows; raises BadInputError for charges that differ in their amounts only."""
    rows = [_charge_row(charge) for charge in bill.charges]
    seen: set[bytes] = set()
    for place, row in enumerate(rows):
        if row.charge_id in seen:
            raise BadInputError(
                "has the same days, model, kind, tier, category and currency as another charge; add up their amounts",
                field=f"items[{index}].charges[{place}]",
            )
        seen.add(row.charge_id)
    return rows


def _charge_row(charge: ChargeIn) -> ChargeRow:
    last_day = charge.last_day or charge.first_day
    identity = (
        *(charge.first_day, last_day, charge.provider, charge.model, charge.kind),
        *(service_tier(charge.service_tier), charge.lives_an_hour, charge.category, charge.correction, charge.currency),
    )
    charge_id = hashlib.sha256(msgspec.json.encode(identity)).digest()
    amounts = map(nano_usd, charge.amounts)
    return ChargeRow(charge_id, *identity, charge.exchange_rate, charge.tokens, charge.pieces, *amounts)
