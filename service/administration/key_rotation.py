"""Sealing all values again with the present secret key, in short transactions beside running processes.

Nothing is remembered between runs: a value says which key sealed it, so that an interrupted rotation goes on with
those that are left.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from key_services.configured import ring_of
from schema.database import Database, Tenant
from schema.encryption import Vault, present_head
from schema.errors import SetUpError
from schema.key_ring import KeyRing
from schema.sealed_columns import SEALED_COLUMNS, SealedColumn
from schema.settings import Settings
from service.administration import sealed_values
from service.administration.organizations import find_all_organizations, opened
from service.administration.sealed_values import WITHOUT_ID
from service.audit.store import OPERATOR, record_act

# Rows that workers lock are left for the next pass.
PASSES = 40
PAUSE_SECONDS = 0.25


class KeyStatus(NamedTuple):
    """A key by its id, and how many values it sealed. `state` is encrypts, decrypts or "not set"."""

    key: str
    state: str
    values: int


class SealedStatus:
    """How many values each key sealed, by column (`connection.sealed_token`)."""

    def __init__(self, ring: KeyRing) -> None:
        self.present = ring.present_id.hex()
        self.known = [key_id.hex() for key_id in ring.key_ids]
        self.counts: dict[str, Counter[str]] = {f"{each.table}.{each.column}": Counter() for each in SEALED_COLUMNS}

    async def add(self, tenant: Tenant) -> None:
        """Count the values of an organization."""
        for each in SEALED_COLUMNS:
            self.counts[f"{each.table}.{each.column}"].update(await sealed_values.count_by_key(tenant, each))

    @property
    def left(self) -> int:
        """Return how many values the present key did not seal."""
        return sum(self.left_of(column) for column in self.counts)

    def left_of(self, column: str) -> int:
        """Return how many values of a column the present key did not seal."""
        return sum(number for key, number in self.counts[column].items() if key != self.present)

    @property
    def keys(self) -> list[KeyStatus]:
        """Return each key of the ring and each other key of a value, the present one first."""
        total: Counter[str] = sum(self.counts.values(), Counter())
        names = [*self.known, *sorted(set(total) - set(self.known))]
        return [KeyStatus(name, self._state(name), total[name]) for name in names]

    def _state(self, key: str) -> str:
        if key == self.present:
            return "encrypts"
        return "decrypts" if key in self.known or key == WITHOUT_ID else "not set"


@dataclass
class Rotation:
    """The result of a rotation; `unreadable` values were sealed by a key that is not set."""

    sealed_again: int = 0
    unreadable: int = 0
    left: int = 0


async def read_status(settings: Settings) -> SealedStatus:
    """Count the sealed values of all organizations by key."""
    async with opened(settings, as_owner=True) as database:
        return await _status(database, ring_of(settings))


async def rotate(settings: Settings, advance: Callable[[int], None] = lambda _: None) -> Rotation:
    """Seal each value again that the present key did not seal. Running processes only need to know both keys.

    `advance` gets each number of values that was sealed. Raises UnavailableError if the
    database or a key service becomes unavailable; another run goes on from there.
    """
    ring, done = ring_of(settings), Rotation()
    async with opened(settings, as_owner=True) as database:
        for organization_id in await find_all_organizations(database):
            before = done.sealed_again
            for column in SEALED_COLUMNS:
                await _Resealing(database, ring, organization_id, column, advance).run(done)
            if done.sealed_again > before:
                async with database.organization(organization_id) as tenant:
                    await record_act(tenant, OPERATOR, "shipledger keys rotate", ring.present_id.hex())
        done.left = (await _status(database, ring)).left
    return done


@dataclass
class _Resealing:
    """The values of one column and organization."""

    database: Database
    ring: KeyRing
    organization_id: int
    column: SealedColumn
    advance: Callable[[int], None]

    async def run(self, done: Rotation) -> None:
        """Pass over the values until the present key sealed all that can be read."""
        head = present_head(self.ring)
        for _ in range(PASSES):
            seen, sealed, unreadable = await self._pass(head)
            done.sealed_again += sealed
            if seen == sealed + unreadable:
                done.unreadable += unreadable
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def _pass(self, head: bytes) -> tuple[int, int, int]:
        """Return how many values were seen, sealed again, and unreadable; the others were locked or changed."""
        seen = sealed = unreadable = 0
        after: tuple[Any, ...] | None = None
        while True:
            async with self.database.organization(self.organization_id) as tenant:
                places = await sealed_values.list_places(tenant, self.column, head, after)
            for group in sealed_values.grouped(places):
                group_sealed, group_unreadable = await self._seal_group(head, group)
                sealed, unreadable = sealed + group_sealed, unreadable + group_unreadable
                self.advance(group_sealed)
            seen += len(places)
            if len(places) < sealed_values.LISTED:
                return seen, sealed, unreadable
            after = places[-1].key

    async def _seal_group(self, head: bytes, group: list[sealed_values.Place]) -> tuple[int, int]:
        vault = Vault(self.ring, self.column.purpose)
        async with self.database.organization(self.organization_id) as tenant:
            locked = await sealed_values.lock_values(tenant, self.column, head, group)
            again = []
            for key, value in locked:
                try:
                    again.append((key, vault.seal_again(self.organization_id, value)))
                except SetUpError:
                    continue
            await sealed_values.replace_values(tenant, self.column, again)
        return len(again), len(locked) - len(again)


async def _status(database: Database, ring: KeyRing) -> SealedStatus:
    found = SealedStatus(ring)
    for organization_id in await find_all_organizations(database):
        async with database.organization(organization_id) as tenant:
            await found.add(tenant)
    return found
