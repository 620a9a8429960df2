"""Finishes GitHub App set-up begun in a browser: exchanges manifest codes and connects installations.

Each App and installation is tried at once: what GitHub answers is shown where the set-up is.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from key_services.configured import ring_of
from schema.errors import UnavailableError
from schema.failures import Failure
from schema.github_apps import AppCredentials, AppVault
from schema.queue import Job
from workers.context import WorkerContext
from workers.forge_access.errors import (
    UNAUTHORIZED,
    ForgeError,
    PrivateAddressError,
    RefusedError,
    TryLaterError,
)
from workers.stores.forge import backfills, github_apps, installations
from workers.stores.forge.github_apps import WaitingCode, WaitingInstallation

logger = structlog.get_logger()

# Pause after an unusable answer that may be temporary.
PAUSE = timedelta(seconds=30)


async def set_up_github_apps(context: WorkerContext, organization_id: int) -> None:
    """Process waiting codes and installations. The sweep finds what GitHub postpones."""
    await context.queue.begun(Job.SET_UP_GITHUB_APPS, organization_id)
    vault = AppVault(ring_of(context.settings))
    while True:
        async with context.database.organization(organization_id) as tenant:
            waiting = await github_apps.claim_code(tenant, vault)
        if waiting is None:
            break
        await _register(context, waiting, vault)
    while True:
        async with context.database.organization(organization_id) as tenant:
            installation = await github_apps.claim_installation(tenant, vault)
        if installation is None:
            return
        await _connect(context, installation)


async def _register(context: WorkerContext, waiting: WaitingCode, vault: AppVault) -> None:
    """Exchange a code, which works only once, and store the credentials or the failure."""
    if context.forges.clock.now() >= waiting.expires_at:
        await _fail(context, waiting, Failure.CODE_EXPIRED)
        return
    try:
        client = context.forges.open_app(waiting.access)
        credentials = await asyncio.to_thread(client.register, waiting.code, waiting.access.base_url)
    except TryLaterError as error:
        async with context.database.organization(waiting.organization_id) as tenant:
            if error.at < waiting.expires_at:
                await github_apps.defer(tenant, waiting, error.at, error.stored())
            else:
                await github_apps.fail(tenant, waiting, Failure.CODE_EXPIRED)
        return
    except PrivateAddressError as error:
        await _fail(context, waiting, error.stored())
        return
    except RefusedError as error:
        await _fail(context, waiting, error.stored(Failure.CODE_REFUSED))
        return
    except ForgeError as error:
        await _fail(context, waiting, error.stored(Failure.NO_GITHUB))
        return
    failure = await _try_app(context, waiting, credentials)
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.register(tenant, waiting, vault, credentials, failure)
    logger.info("github_app_registered", registration_id=str(waiting.registration_id), failure=failure)


async def _try_app(context: WorkerContext, waiting: WaitingCode, credentials: AppCredentials) -> str | None:
    """Return why GitHub does not accept the App's key; None if it does."""
    access = replace(waiting.access, app_id=credentials.app_id, private_key=credentials.private_key)
    try:
        await asyncio.to_thread(context.forges.open_app(access).check, credentials.app_id)
    except RefusedError as error:
        return error.stored(Failure.APP_REFUSED)
    except ForgeError as error:
        return error.stored()
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - the code is used: whatever fails now, the credentials must be stored
        logger.warning("github_app_not_tried", error=type(error).__name__)
        return Failure.APP_REFUSED
    return None


async def _fail(context: WorkerContext, waiting: WaitingCode, failure: str) -> None:
    logger.warning("github_app_registration_failed", registration_id=str(waiting.registration_id))
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.fail(tenant, waiting, failure)


async def _connect(context: WorkerContext, waiting: WaitingInstallation) -> None:
    """Verify with GitHub that the installation belongs to the App and gives a token, then connect it."""
    is_found = False
    try:
        client = context.forges.open_app(waiting.access)
        installation = await asyncio.to_thread(client.installation, waiting.installation_id)
        is_found = True
        if not installation.is_suspended:
            await asyncio.to_thread(client.token, waiting.installation_id)
    except UnavailableError:
        raise
    except RefusedError as error:
        await _refuse(context, waiting, error, is_found=is_found)
        return
    except ForgeError as error:
        at = error.at if isinstance(error, TryLaterError) else context.forges.clock.now() + PAUSE
        async with context.database.organization(waiting.organization_id) as tenant:
            await github_apps.defer_claim(tenant, waiting, at, error.stored())
            await github_apps.record_trial(tenant, waiting, error.stored())
        return
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.record_trial(tenant, waiting, None)
        made = await installations.connect(tenant, *waiting.key)
        if made is not None and installation.is_suspended:
            await installations.suspend(tenant, made)
        await backfills.begin_missing(tenant)
        await github_apps.complete_claim(tenant, waiting)
    await context.queue.wake(Job.BACKFILL, waiting.organization_id)


async def _refuse(context: WorkerContext, waiting: WaitingInstallation, error: RefusedError, *, is_found: bool) -> None:
    """Give up an installation. One that is not found says nothing about the App: it may be another App's."""
    is_of_app = is_found or error.status == UNAUTHORIZED
    failure = error.stored(Failure.INSTALLATION_REFUSED if is_found else Failure.APP_REFUSED if is_of_app else None)
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.give_up_claim(tenant, waiting, failure)
        if is_of_app:
            await github_apps.record_trial(tenant, waiting, failure)
