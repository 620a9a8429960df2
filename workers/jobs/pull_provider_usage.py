"""Pulls usage and cost reports of providers: from where an account's cursor stands, some days at a time, every hour.

The latest days are asked for again each time, since providers correct them. Where an account is a team's, what its
report tells by hour is laid into windows, too, except of days whose tokens were measured.
"""

from datetime import UTC, date, datetime, timedelta

import httpx
import structlog

from schema.database import Tenant
from schema.encryption import Vault
from schema.invalidate_days import lock_folding
from schema.queue import Job
from workers.context import WorkerContext
from workers.providers.addresses import PublicTransport
from workers.providers.client import LaterError, PrivateHostError, RefusedError, ReportError, UnreadableError
from workers.providers.derived import derived_rows
from workers.providers.pulls import PULLS
from workers.providers.reports import Asked, Report
from workers.stores.billing import provider_usage
from workers.stores.billing.provider_usage import Account
from workers.stores.tokens import derived_tokens, gateway_usage
from workers.work_queue import Retry

logger = structlog.get_logger()

LONGEST_PAUSE = timedelta(hours=1)


async def pull_provider_usage(context: WorkerContext, organization_id: int) -> None:
    """Pull until no account of the organization is due; one that fails waits, and holds up no other."""
    await context.queue.begun(Job.PULL_PROVIDER_USAGE, organization_id)
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
            # The operator says where a provider usually is; another place was told by anybody.
            await _pull(context, organization_id, account, elsewhere if account.base_url else usual)


async def _pull(context: WorkerContext, organization_id: int, account: Account, http: httpx.AsyncClient) -> None:
    pull = PULLS[account.provider]
    is_laid = account.is_a_teams or pull.always_derives
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    end = pull.ends(account.next_day, tomorrow, hourly=is_laid)
    try:
        report = await pull.read(await _asked(context, organization_id, account, http, end, hourly=is_laid))
    except ReportError as error:
        await _wait(context, organization_id, account, error)
        return
    except (ValueError, ArithmeticError):
        # Well formed, and of a time or amount that cannot be.
        await _wait(context, organization_id, account, UnreadableError())
        return
    report = report.within(account.next_day, end)
    next_day = pull.next_day(account.next_day, end, tomorrow)
    async with context.database.organization(organization_id) as tenant:
        laid = is_laid and await _lay(tenant, account, end, report)
        changed = await provider_usage.replace_days(tenant, account, end, report)
        pause = pull.interval if end == tomorrow else timedelta()
        await provider_usage.go_on(tenant, account, next_day, pause)
    if changed:
        await context.queue.wake(Job.RECONCILE_DAYS, organization_id)
    if laid:
        await context.queue.wake(Job.SETTLE_DAYS, organization_id)


async def _asked(
    context: WorkerContext, organization_id: int, account: Account, http: httpx.AsyncClient, end: date, *, hourly: bool
) -> Asked:
    settings = context.settings
    vault = Vault(settings.secret_key.get_secret_value(), "token")
    async with context.database.organization(organization_id) as tenant:
        members = await provider_usage.load_members(tenant, account.account_id)
    hasher = await context.organization_keys.hasher(organization_id)
    return Asked(
        http=http,
        base_url=account.base_url or PULLS[account.provider].base_url(settings),
        key=vault.open(organization_id, account.sealed_key).decode(),
        first=account.next_day,
        end=end,
        hourly=hourly,
        scope=account.scope or "",
        team_of=lambda mail: members.get(hasher.member(mail)) if members else None,
    )


async def _lay(tenant: Tenant, account: Account, end: date, report: Report) -> bool:
    """Lay what the report tells by hour into windows; True when that changed any."""
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
    await gateway_usage.note_reported_elsewhere(tenant, days)
    return bool(days)


async def _wait(context: WorkerContext, organization_id: int, account: Account, error: ReportError) -> None:
    """As long as the provider asks, else longer each time; a key that is refused is not tried again."""
    logger.warning(
        "report_not_read", organization_id=organization_id, provider=account.provider, error=type(error).__name__
    )
    async with context.database.organization(organization_id) as tenant:
        if isinstance(error, LaterError):
            await provider_usage.defer(tenant, account, datetime.now(UTC) + error.wait, error.failure)
        elif isinstance(error, RefusedError | PrivateHostError):
            await provider_usage.give_up(tenant, account, error.failure)
        else:
            retry = Retry(context.settings.retry_base, longest=LONGEST_PAUSE)
            await provider_usage.back_off(tenant, account, error.failure, retry)
