"""The one way of a verified webhook request into the database, for each forge."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from schema.database import Database
from schema.encryption import Vault
from schema.identifiers import DEFAULT_HOSTS
from service.webhooks.apps import SigningApp
from service.webhooks.connection_names import ConnectionName
from service.webhooks.connections import (
    adopt_installation,
    connect_installation_of,
    find_installation,
    find_installation_of,
)
from service.webhooks.deliveries import Delivery, store_delivery
from service.webhooks.envelopes import event_name

logger = structlog.get_logger()

# Compressing and encrypting a body this large would hold up other requests; a thread does it instead.
LARGE_BODY = 256 * 1024


async def keep(
    database: Database, vault: Vault, connection: ConnectionName, *, event: str | None, key: str, body: bytes
) -> bool:
    """Seal and store a verified body; False when it was stored before."""
    if len(body) > LARGE_BODY:
        sealed = await asyncio.to_thread(vault.seal, connection.organization_id, body)
    else:
        sealed = vault.seal(connection.organization_id, body)
    return await store_delivery(database, Delivery(connection, key, event_name(event), sealed))


async def connection_of_installation(
    database: Database, headers: Mapping[str, str], body: bytes, app: SigningApp | None
) -> ConnectionName | None:
    """The connection that an App-wide delivery belongs to; None when it is nobody's, which is logged.

    An installation met for the first time belongs to the organization that registered the App which signed. An App
    that is known by its secret alone leaves that to where the instance has exactly one organization; among several it
    would be a guess, so the delivery is acknowledged and dropped.
    """
    payload = msgspec.json.decode(body)
    installation_id = installation_of(payload)
    installation = None
    if installation_id is not None:
        is_new = not _is_uninstalled(headers, payload)
        if app is not None:
            installation = await find_installation_of(database, app, installation_id)
            if installation is None and is_new:
                installation = await connect_installation_of(database, app, installation_id)
        else:
            host = headers.get("x-github-enterprise-host", DEFAULT_HOSTS["github"]).lower()
            installation = await find_installation(database, installation_id, host)
            if installation is None and is_new:
                installation = await adopt_installation(database, installation_id, host)
    if installation is None or not installation.is_open:
        known = "uninstalled" if installation else "unknown"
        logger.info("delivery_dropped", installation="none" if installation_id is None else known, count=1)
        return None
    return installation.name


def installation_of(payload: Any) -> int | None:
    """The installation id that a payload names."""
    installation = payload.get("installation") if isinstance(payload, dict) else None
    number = installation.get("id") if isinstance(installation, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63 else None


def _is_uninstalled(headers: Mapping[str, str], payload: Any) -> bool:
    return headers.get("x-github-event") == "installation" and payload.get("action") == "deleted"
