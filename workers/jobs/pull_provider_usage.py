"""Pulls usage and cost reports of providers: from where an account's cursor stands, a month at a time, every hour.

The latest days are asked for again each time, since providers correct them.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta

import httpx
import structlog

from schema.encryption import Vault
from schema.queue import Job
from workers.context import WorkerContext
from workers.providers import anthropic, openai
from workers.providers.client import LaterError, RefusedError, ReportError
from workers.providers.reports import Report
from workers.stores import provider_usage
from workers.stores.provider_usage import Account

logger = structlog.get_logger()

SPAN = timedelta(days=31)
# How far back providers still correct what they told.
CORRECTED = timedelta(days=3)
INTERVAL = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=1)

READ: Mapping[str, Callable[[httpx.AsyncClient, str, str, date, date], Awaitable[Report]]] = {
    "anthropic": anthropic.read_report,
    "openai": openai.read_report,
}


async def pull_provider_usage(context: WorkerContext, organization_id: int) -> None:
    """Pull until no account of the organization is due; one that fails waits, and holds up no other."""
    await context.queue.begun(Job.PULL_PROVIDER_USAGE, organization_id)
    async with httpx.AsyncClient(follow_redirects=False) as http:
        while True:
            async with context.database.organization(organization_id) as connection:
                account = await provider_usage.claim(connection, organization_id)
            if account is None:
                return
            await _pull(context, organization_id, account, http)


async def _pull(context: WorkerContext, organization_id: int, account: Account, http: httpx.AsyncClient) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    end = min(account.next_day + SPAN, tomorrow)
    settings = context.settings
    base_url = {"anthropic": settings.anthropic_url, "openai": settings.openai_url}[account.provider]
    key = Vault(settings.secret_key.get_secret_value(), "token").open(organization_id, account.sealed_key).decode()
    try:
        report = await READ[account.provider](http, base_url, key, account.next_day, end)
    except ReportError as error:
        await _wait(context, organization_id, account, error)
        return
    is_done = end == tomorrow
    next_day = max(end - CORRECTED, account.next_day) if is_done else end
    async with context.database.organization(organization_id) as connection:
        changed = await provider_usage.replace_days(connection, organization_id, account, end, report)
        pause = INTERVAL if is_done else timedelta()
        await provider_usage.go_on(connection, organization_id, account.account_id, next_day, pause)
    if changed:
        await context.queue.wake(Job.RECONCILE_DAYS, organization_id)


async def _wait(context: WorkerContext, organization_id: int, account: Account, error: ReportError) -> None:
    """As long as the provider asks, else longer each time; a key that is refused is not tried again."""
    failure = type(error).__name__
    logger.warning("report_not_read", organization_id=organization_id, provider=account.provider, error=failure)
    pause = (
        error.wait if isinstance(error, LaterError) else context.settings.retry_base * 2 ** min(account.attempts, 20)
    )
    async with context.database.organization(organization_id) as connection:
        await provider_usage.wait(
            connection,
            organization_id,
            account.account_id,
            failure=failure,
            pause=pause if isinstance(error, LaterError) else min(pause, LONGEST_PAUSE),
            is_over=isinstance(error, RefusedError),
        )
