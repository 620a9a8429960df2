"""The one way of a verified webhook request into the database, for each forge."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog

from schema.database import Database
from schema.encryption import Vault
from schema.identifiers import DEFAULT_HOSTS
from schema.queue import Job, Queue
from schema.settings import Settings
from service.connections.names import ConnectionName
from service.http.group_commit import GroupCommit
from service.webhooks.apps import KnownApps, SigningApp
from service.webhooks.deliveries import Deliveries, Delivery
from service.webhooks.envelopes import event_name
from service.webhooks.known_connections import InstallationKey, KnownConnections

logger = structlog.get_logger()

# Compressing and encrypting a body this large would hold up other requests; a thread does it instead.
LARGE_BODY = 256 * 1024
# Of one commit; by it alone no more than a few large bodies are held twice at a time.
COMMIT_BYTES = 8 * 1024 * 1024


class _Envelope(msgspec.Struct):
    """What of a payload says whose it is; the rest is skipped."""

    installation: Any = None
    action: Any = None


class WebhookIntake:
    """Takes deliveries of a running application into the database; one an application, since they share commits."""

    def __init__(self, settings: Settings, database: Database, queue: Queue) -> None:
        master_secret = settings.secret_key.get_secret_value()
        self.settings = settings
        self.apps = KnownApps(database, master_secret)
        self.connections = KnownConnections(database, Vault(master_secret, "secret"))
        self._bodies = Vault(master_secret, "body")
        self._queue = queue
        self._commits: GroupCommit[Delivery, bool] = GroupCommit(
            Deliveries(database, self._goes_on).store, lambda delivery: len(delivery.sealed_body), COMMIT_BYTES
        )

    async def keep(self, connection: ConnectionName, *, event: str | None, key: str, body: bytes) -> bool:
        """Seal and store a verified body; False when it was stored before.

        Raises UnavailableError when PostgreSQL is away, and then it is not stored.
        """
        organization_id = connection.organization_id
        if len(body) > LARGE_BODY:
            sealed = await asyncio.to_thread(self._bodies.seal, organization_id, body)
        else:
            sealed = self._bodies.seal(organization_id, body)
        return await self._commits.submit(organization_id, Delivery(connection, key, event_name(event), sealed))

    async def wake(self, organization_id: int) -> None:
        """Wake a worker; call it once the forge has its answer, which a Redis that is away then does not delay."""
        await self._queue.wake_together(Job.PROCESS_DELIVERIES, organization_id)

    def _goes_on(self, organization_id: int) -> bool:
        return self._commits.waits(organization_id)

    async def connection_of_installation(
        self, headers: Mapping[str, str], body: bytes, app: SigningApp | None
    ) -> ConnectionName | None:
        """The connection that an App-wide delivery belongs to; None when it is nobody's, which is logged.

        An installation met for the first time belongs to the organization that registered the App which signed. An App
        that is known by its secret alone leaves that to where the instance has exactly one organization; among several
        it would be a guess, so the delivery is acknowledged and dropped.
        """
        reported = read_reported(body)
        number = installation_of(reported.installation)
        installation = None
        if number is not None:
            key = InstallationKey(number, headers.get("x-github-enterprise-host", DEFAULT_HOSTS["github"]).lower(), app)
            if headers.get("x-github-event") == "installation":
                is_uninstalled = reported.action == "deleted"
                installation = await self.connections.installation_anew(key, is_uninstalled=is_uninstalled)
            else:
                installation = await self.connections.installation(key)
        if installation is None or not installation.is_open:
            known = "uninstalled" if installation else "unknown"
            logger.info("delivery_dropped", installation="none" if number is None else known, count=1)
            return None
        return installation.name


def read_reported(body: bytes) -> _Envelope:
    """What a JSON body says of its installation."""
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except msgspec.ValidationError:
        return _Envelope()


def installation_of(reported: Any) -> int | None:
    """The installation id that a payload names."""
    number = reported.get("id") if isinstance(reported, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63 else None
