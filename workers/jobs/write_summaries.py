"""Writes the cost of pull requests to the forge: one check run or note each, edited in place."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime

import structlog

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.failures import Failure
from schema.identifiers import artifact_text
from schema.queue import Job
from workers.context import WorkerContext
from workers.forge_access.access import Access
from workers.forge_access.errors import PrivateAddressError, RefusedError, TryLaterError
from workers.forges.summary_writers import SummaryWriter
from workers.stores.forge import summaries
from workers.stores.forge.accesses import AccessVaults
from workers.stores.forge.summaries import Claim
from workers.stores.ledger.summary_figures import load_figures
from workers.summaries.text import SummaryText, write
from workers.work_failures import stored_failure
from workers.work_queue import Retry

logger = structlog.get_logger()

# Time slice of one job, which mostly waits for the forge.
TURN_SECONDS = 15.0
NOT_ALLOWED = {401, 403}

NO_ACCESS = {"github": Failure.CHECKS_NEED_APP, "gitlab": Failure.NOTES_NEED_TOKEN}
REFUSED = {"github": Failure.CHECKS_FORBIDDEN, "gitlab": Failure.NOTES_FORBIDDEN}


async def write_summaries(context: WorkerContext, organization_id: int) -> None:
    """Write due summaries for one time slice. The sweep finds what the forge postpones."""
    await context.queue.begun(Job.WRITE_SUMMARIES, organization_id)
    ring = ring_of(context.settings)
    vaults, vault = AccessVaults(ring), Vault(ring, summaries.PURPOSE)
    writers: dict[Access, SummaryWriter] = {}
    ends = time.monotonic() + TURN_SECONDS
    while time.monotonic() < ends:
        async with context.database.organization(organization_id) as tenant:
            await summaries.forget(tenant, datetime.now(UTC))
            claimed = await summaries.claim(tenant, vaults, vault)
        if claimed is None:
            return
        await _take(context, claimed, vault, writers)
    await context.queue.wake(Job.WRITE_SUMMARIES, organization_id)


async def _take(context: WorkerContext, claimed: Claim, vault: Vault, writers: dict[Access, SummaryWriter]) -> None:
    """Write one summary and record any failure."""
    try:
        await _write(context, claimed, vault, writers)
    except TryLaterError as error:
        async with context.database.organization(claimed.organization_id) as tenant:
            await summaries.defer(tenant, claimed, error.at, error.stored())
    except RefusedError as error:
        if error.status in NOT_ALLOWED:
            await _refuse(context, claimed, error.stored(REFUSED[claimed.forge]))
        else:
            await _back_off(context, claimed, error)
    except PrivateAddressError as error:
        await _refuse(context, claimed, error.stored())
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001 - one failing pull request must not block the others
        await _back_off(context, claimed, error)


async def _write(context: WorkerContext, claimed: Claim, vault: Vault, writers: dict[Access, SummaryWriter]) -> None:
    access = claimed.access
    if access is None:
        await _refuse(context, claimed, NO_ACCESS[claimed.forge])
        return
    async with context.database.organization(claimed.organization_id) as tenant:
        figures = await load_figures(tenant, claimed.artifact_id)
    written = None
    # A pull request without tokens gets no summary, unless it already has one.
    if figures is not None and (figures.tokens.total or claimed.remote is not None):
        text = write(figures)
        if access not in writers:
            writers[access] = context.forges.open_summaries(access)
        writer, digest = writers[access], _digest(text)
        if claimed.digest != digest or not writer.is_current(claimed.place, claimed.remote):
            name = artifact_text(claimed.artifact_id)
            written = (await asyncio.to_thread(writer.write, claimed.place, name, claimed.remote, text), digest)
    async with context.database.organization(claimed.organization_id) as tenant:
        await summaries.complete(tenant, claimed, vault, written)


def _digest(text: SummaryText) -> bytes:
    return hashlib.sha256(f"{text.title}\n{text.body}".encode()).digest()


async def _refuse(context: WorkerContext, claimed: Claim, failure: str) -> None:
    logger.warning("summaries_refused", connection_id=str(claimed.connection_id))
    async with context.database.organization(claimed.organization_id) as tenant:
        await summaries.refuse(tenant, claimed, failure)


async def _back_off(context: WorkerContext, claimed: Claim, error: Exception) -> None:
    logger.warning("summary_failed", organization_id=claimed.organization_id, error=type(error).__name__)
    async with context.database.organization(claimed.organization_id) as tenant:
        await summaries.back_off(tenant, claimed, stored_failure(error), Retry.of(context.settings))
