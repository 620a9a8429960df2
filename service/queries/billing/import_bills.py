"""Taking in bills: each replaces, as a whole, what was known of its account's billing period."""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

import msgspec

from schema.contracts.billing import BillIn, ChargeIn
from schema.database import Tenant, rows_as_columns
from schema.errors import BadInputError
from schema.identifiers import Hasher
from schema.tokens import nano_usd

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

# Prices hold until the next bill, so that whatever follows is to be priced again.
_NOTE = "INSERT INTO stale_reconciliation (organization_id, from_day) VALUES ($1, $2)"

_SAVE_CHARGES = """
    INSERT INTO billing_charge (
        organization_id, bill_id, charge_id, first_day, last_day, provider, model, kind, category, is_correction,
        currency, exchange_rate, tokens, list_nano, contracted_nano, effective_nano, billed_nano)
    SELECT $1, $2, charge.* FROM unnest(
        $3::bytea[], $4::date[], $5::date[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[],
        $11::text[], $12::numeric[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]
    ) AS charge
"""


class ChargeRow(NamedTuple):
    """A charge as it is stored, in the order of the columns of `_SAVE_CHARGES`; its id is made of all but amounts."""

    charge_id: bytes
    first_day: date
    last_day: date
    provider: str
    model: str
    kind: str
    category: str
    is_correction: bool
    currency: str
    exchange_rate: Decimal | None
    tokens: int
    list_nano: int
    contracted_nano: int
    effective_nano: int
    billed_nano: int


class Imported(NamedTuple):
    """Bills that were new or different, and the charges that they hold."""

    bills: int
    charges: int


async def import_bills(tenant: Tenant, hasher: Hasher, reported: Sequence[BillIn]) -> Imported:
    """Store all of them or none; raises BadInputError naming the charge that cannot be used."""
    rows = [_charge_rows(bill, index) for index, bill in enumerate(reported)]
    bill_ids = _bill_ids(hasher, reported)
    # Two that replace one bill at the same time would mix their charges.
    await tenant.execute(_LOCK)
    known = {row["bill_id"]: row["digest"] for row in await tenant.fetch(_KNOWN, bill_ids)}
    changed = charges = 0
    touched: list[date] = []
    for bill_id, bill, charge_rows in zip(bill_ids, reported, rows, strict=True):
        digest = _digest(bill, charge_rows)
        if known.get(bill_id) == digest:
            continue
        changed += 1
        charges += len(charge_rows)
        await tenant.execute(_SAVE_BILL, bill_id, bill.period_start, bill.period_end, digest)
        before = await tenant.fetchval(_FIRST_DAY, bill_id)
        touched += [bill.period_start, before or bill.period_start, *(charge.first_day for charge in bill.charges)]
        await tenant.execute(_FORGET_CHARGES, bill_id)
        if charge_rows:
            await tenant.execute(_SAVE_CHARGES, bill_id, *rows_as_columns(charge_rows))
    if touched:
        await tenant.execute(_NOTE, min(touched))
    return Imported(changed, charges)


def _digest(bill: BillIn, charge_rows: list[ChargeRow]) -> bytes:
    """What a bill says, in whatever order it says it."""
    in_order = sorted(charge_rows, key=attrgetter("charge_id"))
    return hashlib.sha256(msgspec.json.encode((bill.period_end, in_order))).digest()


def _bill_ids(hasher: Hasher, reported: Sequence[BillIn]) -> list[bytes]:
    """The keyed hash of each bill's issuer, account and period."""
    names = [f"{bill.issuer}\n{bill.account}\n{bill.period_start}" for bill in reported]
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise BadInputError(
                "has the same issuer, account and period as another; send their charges as one bill",
                field=f"items[{index}]",
            )
        seen.add(name)
    return [hasher.reference("bill", name) for name in names]


def _charge_rows(bill: BillIn, index: int) -> list[ChargeRow]:
    """The charges of a bill as rows, each told apart by everything but its amounts."""
    rows = [_charge_row(charge) for charge in bill.charges]
    seen: set[bytes] = set()
    for place, row in enumerate(rows):
        if row.charge_id in seen:
            raise BadInputError(
                "has the same days, model, kind, category and currency as another; add their amounts up",
                field=f"items[{index}].charges[{place}]",
            )
        seen.add(row.charge_id)
    return rows


def _charge_row(charge: ChargeIn) -> ChargeRow:
    last_day = charge.last_day or charge.first_day
    identity = (
        *(charge.first_day, last_day, charge.provider, charge.model, charge.kind, charge.category),
        *(charge.correction, charge.currency),
    )
    charge_id = hashlib.sha256(msgspec.json.encode(identity)).digest()
    amounts = map(nano_usd, charge.amounts)
    return ChargeRow(charge_id, *identity, charge.exchange_rate, charge.tokens, *amounts)
