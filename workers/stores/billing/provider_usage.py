"""Provider accounts whose reports are due, and reports as stored: usage, and charges like those of a bill."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schema.database import Tenant, rows_as_columns
from schema.failures import Failure
from schema.work_rows import WorkKind
from vocabulary.tokens import nano_usd
from workers.providers.reports import DayCharge, Report, charges_of, usage_by_model
from workers.work_queue import Retry, WorkQueue, after

# Longer than the slowest report; afterwards another worker may claim the account of a killed one.
LEASE = timedelta(minutes=10)

QUEUE = WorkQueue(WorkKind.PROVIDER_ACCOUNT, order="next_attempt_at, account_id", lease=LEASE)

_ACCOUNT = """
account_id, provider, sealed_key, next_day, attempts, base_url, scope,
coalesce(team_id, (SELECT team_id FROM team WHERE organization_id = $1 AND is_default)) AS team_id,
team_id IS NOT NULL AS has_team
"""

_MEMBERS = "SELECT member, team_id FROM account_member WHERE organization_id = $1 AND account_id = $2"

_GO_ON = QUEUE.completing(
    f"next_day = chosen.next_day, next_attempt_at = {after('chosen.pause')}",
    {"was": "date", "next_day": "date", "pause": "interval"},
    "provider_account.state = 'waiting' AND provider_account.next_day = chosen.was",
)

_FORGET_USAGE = """
DELETE FROM provider_usage WHERE organization_id = $1 AND account_id = $2 AND day >= $3 AND day < $4
"""

_SAVE_USAGE = """
INSERT INTO provider_usage (organization_id, account_id, day, model, input_uncached, cache_read, cache_write, output)
SELECT $1, $2, used.*
  FROM unnest($3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) AS used
"""

_FORGET_ENGAGEMENT = """
DELETE FROM engagement WHERE organization_id = $1 AND account_id = $2 AND day >= $3 AND day < $4
"""

_SAVE_ENGAGEMENT = """
INSERT INTO engagement (organization_id, account_id, day, model, interactions, generations, acceptances, lines_added,
       lines_deleted, active_people)
SELECT $1, $2, used.*
  FROM unnest($3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
              $10::bigint[]) AS used
"""

_KNOWN_CHARGES = """
SELECT charge_id, tokens, pieces, billed_nano FROM billing_charge
 WHERE organization_id = $1 AND bill_id = ANY($2::bytea[]) AND first_day >= $3 AND first_day < $4
"""

_FORGET_CHARGES = """
DELETE FROM billing_charge
 WHERE organization_id = $1 AND bill_id = ANY($2::bytea[]) AND first_day >= $3 AND first_day < $4
"""

_SAVE_BILLS = """
INSERT INTO bill (organization_id, bill_id, period_start, period_end, digest, source)
SELECT $1, reported.*, '', 'provider' FROM unnest($2::bytea[], $3::date[], $4::date[]) AS reported
    ON CONFLICT DO NOTHING
"""

_SAVE_CHARGES = """
INSERT INTO billing_charge (organization_id, bill_id, charge_id, first_day, last_day, provider, model, kind, category,
       currency, service_tier, lives_an_hour, tokens, pieces, list_nano, contracted_nano, effective_nano, billed_nano)
SELECT $1, bill_id, charge_id, day, day, $2, model, kind, 'usage', currency, service_tier, lives_an_hour, tokens,
       pieces, nano, nano, nano, nano
  FROM unnest($3::bytea[], $4::bytea[], $5::date[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::text[],
              $11::bigint[], $12::bigint[], $13::bigint[])
    AS reported (bill_id, charge_id, day, model, kind, service_tier, lives_an_hour, currency, tokens, pieces, nano)
"""

_NOTE_LEFT_OUT = """
UPDATE provider_account SET failure = $3 WHERE organization_id = $1 AND account_id = $2 AND state = 'waiting'
"""

_NOTE = "INSERT INTO stale_reconciliation (organization_id, from_day) VALUES ($1, $2)"


@dataclass(frozen=True, slots=True)
class Account:
    """A provider account to pull, its next day, and its failed attempts in a row.

    `team_id` is the account's team, else the default team.
    """

    account_id: UUID
    provider: str
    sealed_key: bytes
    next_day: date
    attempts: int
    base_url: str | None
    scope: str | None
    team_id: int
    has_team: bool


async def claim(tenant: Tenant) -> Account | None:
    """Claim and lease the account that is due first; None when none is."""
    found = await QUEUE.claim(tenant, _ACCOUNT, limit=1)
    if not found:
        return None
    (row,) = found
    account = Account(**row)
    await QUEUE.hold(tenant, [(account.account_id,)])
    return account


async def load_members(tenant: Tenant, account_id: UUID) -> dict[bytes, int]:
    """Return the teams of the people that an account's report may name, by keyed hash."""
    return dict(await tenant.fetch(_MEMBERS, account_id))


async def advance(tenant: Tenant, account: Account, next_day: date, pause: timedelta) -> None:
    """Continue from `next_day` after a pause, unless the account's next day was changed meanwhile."""
    await QUEUE.run(tenant, _GO_ON, [(account.account_id, account.next_day, next_day, pause)])


async def note_left_out(tenant: Tenant, account: Account) -> None:
    """Note that some rows of the account's report were left out, until a report is whole again."""
    await tenant.execute(_NOTE_LEFT_OUT, account.account_id, Failure.REPORT_ROWS_LEFT_OUT)


async def defer(tenant: Tenant, account: Account, until: datetime, failure: str) -> None:
    """Postpone, because the provider asked to retry later."""
    await QUEUE.defer(tenant, [(account.account_id,)], until, failure)


async def back_off(tenant: Tenant, account: Account, failure: str, retry: Retry) -> None:
    """Back off after a failure."""
    await QUEUE.back_off(tenant, [(account.account_id,)], failure, retry)


async def give_up(tenant: Tenant, account: Account, failure: str) -> None:
    """Stop pulling until the account gets another key."""
    await QUEUE.give_up(tenant, [(account.account_id,)], failure)


async def replace_days(tenant: Tenant, account: Account, end: date, report: Report) -> bool:
    """Replace an account's days up to but not including `end`; return True when charges changed."""
    first = account.next_day
    report = report.within(first, end)
    await tenant.execute(_FORGET_USAGE, account.account_id, first, end)
    usage = [(day, model, *tokens) for (day, model), tokens in sorted(usage_by_model(report.usage).items())]
    if usage:
        await tenant.execute(_SAVE_USAGE, account.account_id, *rows_as_columns(usage))
    await tenant.execute(_FORGET_ENGAGEMENT, account.account_id, first, end)
    if report.engagement:
        engagement = [(each.day, each.model, *each.counts, each.active_people) for each in report.engagement]
        await tenant.execute(_SAVE_ENGAGEMENT, account.account_id, *rows_as_columns(engagement))
    return await _replace_charges(tenant, account, end, charges_of(report))


async def _replace_charges(tenant: Tenant, account: Account, end: date, charges: Sequence[DayCharge]) -> bool:
    first = account.next_day
    days = {first, end, *(each.priced.day for each in charges)}
    bills = {month: _bill_id(account, month) for month in _months(min(days), max(days))}
    rows = [_row(bills[_month(each.priced.day)], each) for each in charges]
    known = await tenant.fetch(_KNOWN_CHARGES, list(bills.values()), first, end)
    if {(row["charge_id"], row["tokens"], row["pieces"], row["billed_nano"]) for row in known} == {
        (row.charge_id, row.tokens, row.pieces, row.nano) for row in rows
    }:
        return False
    await tenant.execute(_FORGET_CHARGES, list(bills.values()), first, end)
    bill_rows = [
        (bills[month], month, _next_month(month)) for month in sorted({_month(each.priced.day) for each in charges})
    ]
    if bill_rows:
        await tenant.execute(_SAVE_BILLS, *rows_as_columns(bill_rows))
        await tenant.execute(_SAVE_CHARGES, account.provider, *rows_as_columns(rows))
    await tenant.execute(_NOTE, first)
    return True


class _ChargeRow(NamedTuple):
    bill_id: bytes
    charge_id: bytes
    day: date
    model: str
    kind: str
    service_tier: str
    lives_an_hour: bool
    currency: str
    tokens: int
    pieces: int
    nano: int


def _row(bill_id: bytes, charge: DayCharge) -> _ChargeRow:
    identity = "\n".join(map(str, (*charge.priced, charge.currency)))
    return _ChargeRow(
        bill_id,
        hashlib.sha256(identity.encode()).digest(),
        *charge.priced,
        charge.currency,
        charge.tokens,
        charge.pieces,
        nano_usd(charge.amount),
    )


def _bill_id(account: Account, month: date) -> bytes:
    return hashlib.sha256(f"{account.account_id}\n{month}".encode()).digest()


def _month(day: date) -> date:
    return day.replace(day=1)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _months(first: date, last: date) -> Iterator[date]:
    """Yield every month from that of `first` to that of `last`."""
    month = _month(first)
    while month <= last:
        yield month
        month = _next_month(month)
