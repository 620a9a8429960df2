"""What waiting deliveries tell: read while the database is at work with those that came before them.

Reading is pure, so it may be done early, or twice; only what is stored must follow the order in which deliveries came.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from schema.database import Tenant
from schema.encryption import Vault
from schema.errors import UnavailableError
from schema.settings import MEBIBYTE
from workers.context import WorkerContext
from workers.facts.model import Facts, Ignored
from workers.forge_events.parse import parse
from workers.forge_events.reading import Envelope
from workers.stores.forge import deliveries
from workers.stores.forge.deliveries import ClaimedDelivery

# Of sealed bodies that are held at once.
GROUP_BYTES = 8 * MEBIBYTE
# Read in a row, before whatever else waits for its turn: a millisecond's work.
STRETCH = 10
BODY_FORGOTTEN = "the body was already forgotten"

# The facts of a delivery, or what went wrong as it was read.
Reading: TypeAlias = Facts | Exception


class ReadAhead:
    """Reads one organization's deliveries as they are claimed, and those that will be claimed next."""

    def __init__(self, context: WorkerContext, organization_id: int, bodies: Vault) -> None:
        self._context = context
        self._organization_id = organization_id
        self._bodies = bodies
        self._read: dict[int, Reading] = {}
        self._reading: asyncio.Task[None] | None = None
        self._is_worth_it = True

    async def read(self, tenant: Tenant, claimed: Sequence[ClaimedDelivery]) -> dict[int, Reading]:
        """What each of these tells, by delivery."""
        if self._reading is not None:
            await self._reading
            self._reading = None
            # Else another worker, which is at the same backlog, has claimed what was read here.
            self._is_worth_it = not self._read or any(each.delivery_id in self._read for each in claimed)
        read, self._read = self._read, {}
        for group in in_groups(each for each in claimed if each.delivery_id not in read):
            sealed = await deliveries.load_bodies(tenant, group)
            read |= await self._understand(group, sealed)
        return read

    def go_on(self, last: ClaimedDelivery, limit: int) -> None:
        """Begin to read what waits behind a delivery, for the next `read`."""
        if self._is_worth_it:
            self._reading = asyncio.create_task(self._go_on(last, limit))

    async def close(self) -> None:
        """Leave what is not read yet."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _go_on(self, last: ClaimedDelivery, limit: int) -> None:
        """Connections are kept for no longer than they are needed. Where none can be had, nothing is read ahead."""
        database, organization_id = self._context.database, self._organization_id
        with contextlib.suppress(UnavailableError):
            async with database.organization(organization_id) as tenant:
                following = await deliveries.following(tenant, last, limit)
            for group in in_groups(following):
                async with database.organization(organization_id) as tenant:
                    sealed = await deliveries.load_bodies(tenant, group)
                self._read |= await self._understand(group, sealed)

    async def _understand(self, group: Sequence[ClaimedDelivery], sealed: Mapping[int, bytes]) -> dict[int, Reading]:
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
            payload = msgspec.json.decode(self._bodies.open(self._organization_id, sealed))
            return parse(delivery.forge, delivery.event, payload, Envelope(delivery.host, delivery.received_at))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one delivery, the next must have its turn
            return error


def in_groups(claimed: Iterable[ClaimedDelivery]) -> Iterator[list[ClaimedDelivery]]:
    """The deliveries in their order, as many at a time as their bodies together are not too large for memory."""
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
