"""Sends alerts to the channels of an organization, each on its own: a receiver that is away blocks no other."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import msgspec
import structlog

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.failures import Failure, Standing
from schema.queue import Job
from schema.settings import Settings
from schema.weekly_digest import read_week
from vocabulary.digest import digest_of, last_full_week
from vocabulary.ip_addresses import is_loopback
from vocabulary.web_addresses import local_address
from workers.alert_channels.errors import ChannelError
from workers.alert_channels.http import open_http, post
from workers.alert_channels.smtp import send_mail
from workers.alerts.bodies import BODIES
from workers.alerts.mail import mail
from workers.alerts.message import AlertEvent, AlertMessage, read_digest, read_message
from workers.alerts.settings import ChannelSettings
from workers.context import WorkerContext
from workers.stores.alerts import announcements, deliveries, digests
from workers.work_failures import failure_of
from workers.work_queue import Retry

logger = structlog.get_logger()

# Sent side by side.
BATCH = 20
# With the longest pause and the usual first one, it is tried for about a day.
ATTEMPTS = 35
LONGEST_PAUSE = timedelta(hours=1)


async def deliver_alerts(context: WorkerContext, organization_id: int) -> None:
    """Announce alerts whose snooze is over, and send what is due. The sweep finds what is tried again later."""
    await context.queue.begun(Job.DELIVER_ALERTS, organization_id)
    async with context.database.organization(organization_id) as tenant:
        await announcements.announce(tenant)
        await digests.queue(tenant, last_full_week(datetime.now(UTC)))
    vault = Vault(ring_of(context.settings), "alert-channel")
    async with open_http(allow_private=context.settings.allow_private_hosts) as http:
        while True:
            async with context.database.organization(organization_id) as tenant:
                claimed = await deliveries.claim(tenant, BATCH)
            if not claimed:
                return
            await asyncio.gather(*(_deliver(context, organization_id, row, vault, http) for row in claimed))


async def _deliver(
    context: WorkerContext, organization_id: int, row: asyncpg.Record, vault: Vault, http: httpx.AsyncClient
) -> None:
    """Send one row, and record what came of it."""
    try:
        opened = vault.open(organization_id, row["sealed_settings"])
        message = await _message(context, organization_id, row)
        await _send(context.settings, row["channel"], message, msgspec.json.decode(opened, type=ChannelSettings), http)
    except UnavailableError:
        raise
    except ChannelError as error:
        await _record(context, organization_id, row, error.failure, error.stored(), error.wait)
    except Exception as error:  # noqa: BLE001 - one channel must not block the others
        failure = failure_of(error)
        await _record(context, organization_id, row, failure, failure, None)
    else:
        async with context.database.organization(organization_id) as tenant:
            await deliveries.delivered(tenant, row["delivery_id"])


async def _message(context: WorkerContext, organization_id: int, row: asyncpg.Record) -> AlertMessage:
    """Return what to send; a digest is read when it is sent, so that a late one has the newest figures."""
    base_url = dashboard_url(context.settings)
    if row["event"] != AlertEvent.DIGEST:
        people = context.settings.comparison_people
        return read_message(row, organization_id=organization_id, base_url=base_url, people=people)
    async with context.database.organization(organization_id) as tenant:
        digest = digest_of(await read_week(tenant, row["week"]))
    return read_digest(row, digest, organization_id=organization_id, base_url=base_url)


async def _send(
    settings: Settings, kind: str, message: AlertMessage, channel: ChannelSettings, http: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    if kind == "email":
        await asyncio.to_thread(
            send_mail, channel, mail(message, channel, now), allow_private=settings.allow_private_hosts
        )
        return
    for request in BODIES[kind](message, channel, now):
        await post(http, request)


async def _record(
    context: WorkerContext,
    organization_id: int,
    row: asyncpg.Record,
    failure: Failure,
    stored: str,
    wait: timedelta | None,
) -> None:
    """Record a failure: wait as the receiver asks, try again later, or give up, as its kind demands."""
    delivery_id = row["delivery_id"]
    logger.warning(
        "alert_not_delivered", organization_id=organization_id, channel_id=row["channel_id"], failure=failure.value
    )
    async with context.database.organization(organization_id) as tenant:
        if row["event"] == AlertEvent.TEST:
            await deliveries.fail_test(tenant, delivery_id, stored)
        elif failure.standing is Standing.REFUSED:
            await deliveries.give_up(tenant, delivery_id, stored)
        elif wait is not None:
            await deliveries.defer(tenant, delivery_id, datetime.now(UTC) + wait, stored)
        else:
            retry = Retry(context.settings.retry_base, ATTEMPTS, LONGEST_PAUSE, jitter=0.25)
            await deliveries.back_off(tenant, delivery_id, stored, retry)


def dashboard_url(settings: Settings) -> str | None:
    """Return the address to link to: the public one, else that on this machine; None if neither is known."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    return local_address(settings.host, settings.port) if is_loopback(settings.host) and settings.port else None
