"""Connections that deliver often, remembered for seconds so that a busy forge costs no query a delivery."""

import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from schema.database import Database
from schema.encryption import Vault
from service.connections.names import ConnectionName
from service.webhooks.apps import SigningApp
from service.webhooks.connections import (
    Installation,
    adopt_installation,
    connect_installation_of,
    find_installation,
    find_installation_of,
    find_secret,
)

# How long a connection that was deleted, or an App that was uninstalled, may still be believed in.
KNOWN_FOR_SECONDS = 5.0
KNOWN_LIMIT = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class InstallationKey(NamedTuple):
    """An App installation at a host, of the App that signed where that is registered here."""

    number: int
    host: str
    app: SigningApp | None


class Remembered(Generic[Key, Value]):
    """What was found by a key, for a short while; what was not found is looked for every time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """What is known still."""
        until, value = self._known.get(key, (0.0, None))
        return value if self._clock() < until else None

    def keep(self, key: Key, value: Value) -> Value:
        """Remember it from now on."""
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        self._known[key] = (self._clock() + KNOWN_FOR_SECONDS, value)
        return value

    def forget(self, key: Key) -> None:
        """Look for it anew the next time."""
        self._known.pop(key, None)


class KnownConnections:
    """Looks up secrets and installations, and remembers those that take deliveries."""

    def __init__(self, database: Database, secrets: Vault, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._vault = secrets
        self._secrets: Remembered[tuple[ConnectionName, str], str] = Remembered(clock)
        self._installations: Remembered[InstallationKey, Installation] = Remembered(clock)

    async def secret(self, name: ConnectionName, forge: str) -> str:
        """The secret of a connection made by hand; raises NotFoundError when there is none that takes deliveries."""
        key = (name, forge)
        return self._secrets.get(key) or self._secrets.keep(
            key, await find_secret(self._database, self._vault, name, forge)
        )

    async def installation(self, key: InstallationKey) -> Installation | None:
        """The connection of an App installation, made when it is met for the first time."""
        return self._installations.get(key) or await self._look_up(key, is_uninstalled=False)

    async def installation_anew(self, key: InstallationKey, *, is_uninstalled: bool) -> Installation | None:
        """As `installation`, when something becomes of it just now: it is not believed in any longer."""
        found = await self._look_up(key, is_uninstalled=is_uninstalled)
        self._installations.forget(key)
        return found

    async def _look_up(self, key: InstallationKey, *, is_uninstalled: bool) -> Installation | None:
        if key.app is not None:
            found = await find_installation_of(self._database, key.app, key.number)
        else:
            found = await find_installation(self._database, key.number, key.host)
        if found is None and not is_uninstalled:
            found = await self._connect(key)
        return self._installations.keep(key, found) if found is not None and found.is_open else found

    async def _connect(self, key: InstallationKey) -> Installation | None:
        if key.app is not None:
            return await connect_installation_of(self._database, key.app, key.number)
        return await adopt_installation(self._database, key.number, key.host)
