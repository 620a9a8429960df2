"""Intake of verified webhook requests, for every forge."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import structlog

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.identifiers import DEFAULT_HOSTS
from schema.queue import Job, Queue
from schema.settings import Settings
from service.connections.names import ConnectionName
from service.http.fair_thread import FairThread
from service.http.group_commit import GroupCommit
from service.webhooks.apps import KnownApps, SigningApp
from service.webhooks.deliveries import Deliveries, Delivery
from service.webhooks.envelopes import event_name
from service.webhooks.known_connections import InstallationKey, KnownConnections

logger = structlog.get_logger()

Result = TypeVar("Result")

# Larger bodies are verified, compressed and encrypted in threads, so that they do not delay other requests.
LARGE_BODY = 256 * 1024
# Sealed bytes per commit, which limits memory: only a few large bodies are held twice at a time.
COMMIT_BYTES = 8 * 1024 * 1024
HOST_HEADER = "x-github-enterprise-host"
# Hosts of GitHub Enterprise Cloud with data residency.
DATA_RESIDENCY = ".ghe.com"


class _Envelope(msgspec.Struct):
    """The part of a payload that identifies its installation; `sender` is still encoded."""

    installation: Any = None
    action: Any = None
    sender: msgspec.Raw = msgspec.Raw()


class _Sender(msgspec.Struct):
    """The part of a payload's sender that names the forge host."""

    html_url: str = ""


class WebhookIntake:
    """Stores the deliveries of a running application; one per application, because deliveries share commits."""

    def __init__(self, settings: Settings, database: Database, queue: Queue, thread: FairThread) -> None:
        ring = ring_of(settings)
        self._thread = thread
        self._waiting_bytes, self._most_waiting = 0, max(settings.body_budget, settings.webhook_body_limit)
        self.settings = settings
        self.apps = KnownApps(database, ring)
        self.connections = KnownConnections(database, Vault(ring, "secret"))
        self._bodies = Vault(ring, "body")
        self._queue = queue
        self._commits: GroupCommit[Delivery, bool] = GroupCommit(
            Deliveries(database, self._goes_on).store, lambda delivery: len(delivery.sealed_body), COMMIT_BYTES
        )

    async def read(self, organization_id: int, pieces: list[bytes], read: Callable[[bytes], Result]) -> Result:
        """Read a body that arrived in pieces, a large one in the thread and in the organization's turn.

        Raises what `read` raises, and UnavailableError if too many large bodies wait.
        """
        size = sum(map(len, pieces))
        if size <= LARGE_BODY:
            return read(b"".join(pieces))
        # A client that has gone does not count for its address any more, but its body waits.
        if self._waiting_bytes + size > self._most_waiting:
            raise UnavailableError("too many large webhooks wait to be verified; try again in a moment")
        self._waiting_bytes += size
        try:
            return await self._thread.call(organization_id, lambda: read(_joined(pieces)))
        finally:
            self._waiting_bytes -= size

    async def store(self, connection: ConnectionName, *, event: str | None, key: str, body: bytes) -> bool:
        """Encrypt and store a verified body; False if it was stored before.

        Raises UnavailableError if PostgreSQL is unavailable; the body is then not stored.
        """
        organization_id = connection.organization_id
        if len(body) > LARGE_BODY:
            sealed = await asyncio.to_thread(self._bodies.seal, organization_id, body)
        else:
            sealed = self._bodies.seal(organization_id, body)
        return await self._commits.submit(organization_id, Delivery(connection, key, event_name(event), sealed))

    async def wake(self, organization_id: int) -> None:
        """Wake a worker; call it after the response, so that an unavailable Redis does not delay the forge."""
        await self._queue.wake_together(Job.PROCESS_DELIVERIES, organization_id)

    def _goes_on(self, organization_id: int) -> bool:
        return self._commits.waits(organization_id)

    async def connection_of_installation(
        self, headers: Mapping[str, str], body: bytes, app: SigningApp | None
    ) -> ConnectionName | None:
        """Return the connection of an App-wide delivery; None, which is logged, if it belongs to no organization.

        A new installation of a registered App belongs to the App's organization. A new installation of the operator's
        App belongs to the only organization of the instance; if there are several, the delivery is dropped.
        """
        envelope = read_envelope(body)
        number = installation_of(envelope.installation)
        installation = None
        if number is not None:
            key = InstallationKey(number, host_of(headers, envelope.sender) if app is None else "", app)
            if headers.get("x-github-event") == "installation":
                is_uninstalled = envelope.action == "deleted"
                installation = await self.connections.refresh_installation(key, is_uninstalled=is_uninstalled)
            else:
                installation = await self.connections.installation(key)
        if installation is None or not installation.is_open:
            known = "uninstalled" if installation else "unknown"
            logger.info("delivery_dropped", installation="none" if number is None else known, count=1)
            return None
        return installation.name


def _joined(pieces: list[bytes]) -> bytes:
    """Return the whole body, and forget its pieces."""
    whole = b"".join(pieces)
    pieces.clear()
    return whole


def read_envelope(body: bytes) -> _Envelope:
    """Decode the installation and action of a JSON body; both None if it is not an object."""
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except msgspec.ValidationError:
        return _Envelope()


def host_of(headers: Mapping[str, str], sender: bytes) -> str:
    """Return the forge host of a delivery of the operator's App, which may be installed at several.

    GitHub signs the body but no header, so the body outweighs the header that names an Enterprise Server. Tenants of
    ghe.com have hosts of their own, and no such header.
    """
    reported = headers.get(HOST_HEADER)
    try:
        url = msgspec.json.decode(sender, type=_Sender).html_url if sender else ""
    except msgspec.DecodeError:
        url = ""
    signed = url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    if not signed or (reported is None and signed.endswith(DATA_RESIDENCY)):
        return (reported or DEFAULT_HOSTS["github"]).lower()
    return signed


def installation_of(installation: Any) -> int | None:
    """Return the id of a payload's installation; None if it is missing or invalid."""
    number = installation.get("id") if isinstance(installation, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63 else None
