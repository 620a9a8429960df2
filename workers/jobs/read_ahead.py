"""Parses waiting deliveries while the database still records the batch before them.

Parsing is pure, so it may happen early or twice; only recording must follow the order of arrival.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from schema.database import Tenant
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.settings import MEBIBYTE
from workers.context import WorkerContext
from workers.forge_events.model import Facts, Ignored
from workers.forge_events.parse import decode, parse
from workers.forge_events.reading import Envelope
from workers.stores.forge import deliveries
from workers.stores.forge.deliveries import ClaimedDelivery

# Most bytes of sealed bodies held in memory.
GROUP_BYTES = 8 * MEBIBYTE
# Deliveries parsed before yielding to other tasks: about a millisecond of work.
STRETCH = 10
BODY_FORGOTTEN = "The body was already deleted."

# The facts of a delivery, or the error from parsing it.
Reading: TypeAlias = Facts | Exception


class ReadAhead:
    """Parses one organization's claimed deliveries, and in the background those that follow."""

    def __init__(self, context: WorkerContext, organization_id: int, bodies: Vault) -> None:
        self._context = context
        self._organization_id = organization_id
        self._bodies = bodies
        self._read: dict[int, Reading] = {}
        self._reading: asyncio.Task[None] | None = None
        self._is_worth_it = True

    async def read(self, tenant: Tenant, claimed: Sequence[ClaimedDelivery]) -> dict[int, Reading]:
        """Return the parsed deliveries by id."""
        if self._reading is not None:
            await self._reading
            self._reading = None
            # Otherwise another worker on the same backlog has claimed what was parsed here.
            self._is_worth_it = not self._read or any(each.delivery_id in self._read for each in claimed)
        read, self._read = self._read, {}
        for group in in_groups(each for each in claimed if each.delivery_id not in read):
            sealed = await deliveries.load_bodies(tenant, group)
            read |= await self._parse(group, sealed)
        return read

    def start(self, last: ClaimedDelivery, limit: int) -> None:
        """Start parsing up to `limit` deliveries after `last` for the next `read`."""
        if self._is_worth_it:
            self._reading = asyncio.create_task(self._read_following(last, limit))

    async def close(self) -> None:
        """Cancel background parsing."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read_following(self, last: ClaimedDelivery, limit: int) -> None:
        """Hold each connection only as long as needed; without a free connection, read nothing ahead."""
        database, organization_id = self._context.database, self._organization_id
        with contextlib.suppress(UnavailableError):
            async with database.organization(organization_id) as tenant:
                following = await deliveries.following(tenant, last, limit)
            for group in in_groups(following):
                async with database.organization(organization_id) as tenant:
                    sealed = await deliveries.load_bodies(tenant, group)
                self._read |= await self._parse(group, sealed)

    async def _parse(self, group: Sequence[ClaimedDelivery], sealed: Mapping[int, bytes]) -> dict[int, Reading]:
        read: dict[int, Reading] = {}
        for place, delivery in enumerate(group):
            if place % STRETCH == 0:
                await asyncio.sleep(0)
            read[delivery.delivery_id] = self._reading_of(delivery, sealed.get(delivery.delivery_id))
        return read

    def _reading_of(self, delivery: ClaimedDelivery, sealed: bytes | None) -> Reading:
        if sealed is None:
            return Ignored(BODY_FORGOTTEN)
        try:
            payload = decode(delivery.forge, self._bodies.open(self._organization_id, sealed))
            return parse(delivery.forge, delivery.event, payload, Envelope(delivery.host, delivery.received_at))
        except Exception as error:  # noqa: BLE001 - one failing delivery must not block the others
            return error


def in_groups(claimed: Iterable[ClaimedDelivery]) -> Iterator[list[ClaimedDelivery]]:
    """Yield the deliveries in order, in groups whose bodies fit into `GROUP_BYTES`."""
    group: list[ClaimedDelivery] = []
    size = 0
    for delivery in claimed:
        own = delivery.size or 0
        if group and size + own > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(delivery)
        size += own
    if group:
        yield group
