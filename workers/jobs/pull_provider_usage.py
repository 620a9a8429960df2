"""Pulls usage and cost reports from providers every hour, from each account's cursor.

The latest days are fetched again each time, because providers correct them. For an account of one team, hourly usage
also becomes token windows, except on days with measured tokens.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import structlog

from key_services.configured import ring_of
from schema.database import Tenant
from schema.encryption import Vault
from schema.queue import Job
from workers.context import WorkerContext
from workers.providers.addresses import PublicTransport
from workers.providers.client import LaterError, PrivateHostError, RefusedError, ReportError, UnreadableError
from workers.providers.derived import derived_rows
from workers.providers.pulls import PULLS
from workers.providers.reports import Report, ReportRequest
from workers.stores.billing import left_out_rows, provider_usage
from workers.stores.billing.provider_usage import Account
from workers.stores.ledger.invalidate_days import lock_folding
from workers.stores.tokens import derived_tokens, gateway_usage
from workers.work_queue import Retry

logger = structlog.get_logger()

LONGEST_PAUSE = timedelta(hours=1)
LOGGED_PLACES = 20


async def pull_provider_usage(context: WorkerContext, organization_id: int) -> None:
    """Pull until no account is due; an account that fails backs off and blocks no other."""
    await context.queue.begun(Job.PULL_PROVIDER_USAGE, organization_id)
    # Accounts with reports of which rows were left out: the note stays while their later days are pulled.
    noted: set[UUID] = set()
    transport = None if context.settings.allow_private_hosts else PublicTransport()
    async with (
        httpx.AsyncClient(follow_redirects=False) as usual,
        httpx.AsyncClient(follow_redirects=False, transport=transport) as elsewhere,
    ):
        while True:
            async with context.database.organization(organization_id) as tenant:
                account = await provider_usage.claim(tenant)
            if account is None:
                return
            # The operator configures the default address; another base URL comes from a user and must be public.
            await _pull(context, organization_id, account, elsewhere if account.base_url else usual, noted)


async def _pull(
    context: WorkerContext, organization_id: int, account: Account, http: httpx.AsyncClient, noted: set[UUID]
) -> None:
    pull = PULLS[account.provider]
    has_windows = account.has_team or pull.always_derives
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    end = pull.ends(account.next_day, tomorrow, hourly=has_windows)
    try:
        report = await pull.read(await _request(context, organization_id, account, http, end, hourly=has_windows))
    except ReportError as error:
        await _wait(context, organization_id, account, error)
        return
    except (ValueError, ArithmeticError):
        # Well-formed, but with an impossible time or amount.
        await _wait(context, organization_id, account, UnreadableError())
        return
    if report.is_unreadable:
        await _wait(context, organization_id, account, UnreadableError())
        return
    report = report.within(account.next_day, end)
    hasher = await context.organization_keys.hasher(organization_id)
    next_day = pull.next_day(account.next_day, end, tomorrow)
    async with context.database.organization(organization_id) as tenant:
        is_changed = has_windows and await _store_windows(tenant, account, end, report)
        changed = await provider_usage.replace_days(tenant, account, end, report)
        pause = pull.interval if end == tomorrow else timedelta()
        await provider_usage.advance(tenant, account, next_day, pause)
        noted |= {account.account_id} if report.left_out else set()
        await left_out_rows.count_dropped(tenant, hasher, account, report.left_out)
        if account.account_id in noted:
            await provider_usage.note_left_out(tenant, account)
    _log_left_out(organization_id, account, report)
    if changed:
        await context.queue.wake(Job.RECONCILE_DAYS, organization_id)
    if is_changed:
        await context.queue.wake(Job.SETTLE_DAYS, organization_id)


def _log_left_out(organization_id: int, account: Account, report: Report) -> None:
    """Log the places of rows that were left out; they quote nothing of the report."""
    if report.left_out:
        logger.warning(
            "provider_rows_left_out",
            organization_id=organization_id,
            provider=account.provider,
            rows=len(report.left_out),
            places=[row.text for row in report.left_out[:LOGGED_PLACES]],
        )


async def _request(
    context: WorkerContext, organization_id: int, account: Account, http: httpx.AsyncClient, end: date, *, hourly: bool
) -> ReportRequest:
    settings = context.settings
    vault = Vault(ring_of(settings), "token")
    async with context.database.organization(organization_id) as tenant:
        members = await provider_usage.load_members(tenant, account.account_id)
    hasher = await context.organization_keys.hasher(organization_id)
    return ReportRequest(
        http=http,
        base_url=account.base_url or PULLS[account.provider].base_url(settings),
        key=vault.open(organization_id, account.sealed_key).decode(),
        first=account.next_day,
        end=end,
        hourly=hourly,
        scope=account.scope or "",
        team_of=lambda mail: members.get(hasher.member(mail)) if members else None,
    )


async def _store_windows(tenant: Tenant, account: Account, end: date, report: Report) -> bool:
    """Store hourly usage as token windows; return True when any changed."""
    span = derived_tokens.span_of(account.next_day, end)
    await lock_folding(tenant)
    finer = await derived_tokens.find_finer(tenant, account.provider, span)
    rows = derived_rows(
        report.hours,
        source=account.provider,
        team_id=account.team_id,
        finer={(each.team_id, each.day) for each in finer},
    )
    origin = f"provider-account {account.account_id}"
    days = await derived_tokens.replace(tenant, origin, span, rows)
    await gateway_usage.mark_reported_elsewhere(tenant, days)
    return bool(days)


async def _wait(context: WorkerContext, organization_id: int, account: Account, error: ReportError) -> None:
    """Defer as long as the provider asks, else back off; give up on a key that is refused."""
    logger.warning(
        "provider_report_failed",
        organization_id=organization_id,
        provider=account.provider,
        failure=error.stored(),
        error=type(error).__name__,
    )
    async with context.database.organization(organization_id) as tenant:
        if isinstance(error, LaterError):
            await provider_usage.defer(tenant, account, datetime.now(UTC) + error.wait, error.stored())
        elif isinstance(error, RefusedError | PrivateHostError):
            await provider_usage.give_up(tenant, account, error.stored())
        else:
            retry = Retry(context.settings.retry_base, longest=LONGEST_PAUSE)
            await provider_usage.back_off(tenant, account, error.stored(), retry)
