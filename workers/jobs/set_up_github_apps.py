"""Finishes what a browser began at GitHub: codes of manifests become Apps, installations become connections."""

import asyncio
from datetime import timedelta

import structlog

from schema.errors import UnavailableError
from schema.failures import Failure
from schema.github_apps import AppVault
from schema.installations import connect_installation
from schema.queue import Job
from workers.context import WorkerContext
from workers.forges.errors import ForgeError, PrivateAddressError, RefusedError, TryLaterError
from workers.stores.forge import github_apps, installations
from workers.stores.forge.github_apps import WaitingCode, WaitingInstallation

logger = structlog.get_logger()

# For a forge that answered something that is of no use, which may pass.
PAUSE = timedelta(seconds=30)


async def set_up_github_apps(context: WorkerContext, organization_id: int) -> None:
    """Work through what waits; what GitHub puts off is found by the sweep in its time."""
    await context.queue.begun(Job.SET_UP_GITHUB_APPS, organization_id)
    vault = AppVault(context.settings.secret_key.get_secret_value())
    while True:
        async with context.database.organization(organization_id) as tenant:
            waiting = await github_apps.claim_code(tenant, vault)
        if waiting is None:
            break
        await _register(context, waiting, vault)
    while True:
        async with context.database.organization(organization_id) as tenant:
            reported = await github_apps.claim_installation(tenant, vault)
        if reported is None:
            return
        await _connect(context, reported)


async def _register(context: WorkerContext, waiting: WaitingCode, vault: AppVault) -> None:
    """Exchange a code, which can be done once: what comes back is stored, or the reason is."""
    if context.forges.clock.now() >= waiting.expires_at:
        await _fail(context, waiting, Failure.CODE_EXPIRED)
        return
    try:
        client = context.forges.open_app(waiting.access)
        credentials = await asyncio.to_thread(client.register, waiting.code, waiting.access.base_url)
    except TryLaterError as error:
        async with context.database.organization(waiting.organization_id) as tenant:
            if error.at < waiting.expires_at:
                await github_apps.defer(tenant, waiting, error.at, error.failure)
            else:
                await github_apps.fail(tenant, waiting, Failure.CODE_EXPIRED)
        return
    except PrivateAddressError as error:
        await _fail(context, waiting, error.failure)
        return
    except RefusedError:
        await _fail(context, waiting, Failure.CODE_REFUSED)
        return
    except ForgeError:
        await _fail(context, waiting, Failure.NO_GITHUB)
        return
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.register(tenant, waiting, vault, credentials)
    logger.info("github_app_registered", registration_id=str(waiting.registration_id))


async def _fail(context: WorkerContext, waiting: WaitingCode, failure: Failure) -> None:
    logger.warning("github_app_not_registered", registration_id=str(waiting.registration_id))
    async with context.database.organization(waiting.organization_id) as tenant:
        await github_apps.fail(tenant, waiting, failure)


async def _connect(context: WorkerContext, waiting: WaitingInstallation) -> None:
    """Ask GitHub whether the installation is one of the App, and connect it then."""
    try:
        client = context.forges.open_app(waiting.access)
        reported = await asyncio.to_thread(client.installation, waiting.installation_id)
    except UnavailableError:
        raise
    except RefusedError as error:
        async with context.database.organization(waiting.organization_id) as tenant:
            await github_apps.give_up_claim(tenant, waiting, error.failure)
        return
    except ForgeError as error:
        at = error.at if isinstance(error, TryLaterError) else context.forges.clock.now() + PAUSE
        async with context.database.organization(waiting.organization_id) as tenant:
            await github_apps.defer_claim(tenant, waiting, at, error.failure)
        return
    async with context.database.organization(waiting.organization_id) as tenant:
        made = await connect_installation(tenant, *waiting.key)
        if made is not None and reported.is_suspended:
            await installations.suspend(tenant, made)
        await github_apps.complete_claim(tenant, waiting)
    await context.queue.wake(Job.BACKFILL, waiting.organization_id)
