"""A short-lived cache of connections, so that a busy forge needs no query per delivery."""

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

# A deleted connection or an uninstalled App may be accepted for this long.
KNOWN_FOR_SECONDS = 5.0
KNOWN_LIMIT = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class InstallationKey(NamedTuple):
    """An App installation at a host; `app` is the registered App that signed, None for the operator's App."""

    number: int
    host: str
    app: SigningApp | None


class ExpiringCache(Generic[Key, Value]):
    """Values by key that expire after KNOWN_FOR_SECONDS; missing values are not cached."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """Return a value that has not expired, or None."""
        until, value = self._known.get(key, (0.0, None))
        return value if self._clock() < until else None

    def put(self, key: Key, value: Value) -> Value:
        """Store and return a value."""
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        self._known[key] = (self._clock() + KNOWN_FOR_SECONDS, value)
        return value

    def forget(self, key: Key) -> None:
        """Remove a value."""
        self._known.pop(key, None)


class KnownConnections:
    """Looks up secrets and installations, and caches those that accept deliveries."""

    def __init__(self, database: Database, secrets: Vault, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._vault = secrets
        self._secrets: ExpiringCache[tuple[ConnectionName, str], str] = ExpiringCache(clock)
        self._installations: ExpiringCache[InstallationKey, Installation] = ExpiringCache(clock)

    async def secret(self, name: ConnectionName, forge: str) -> str:
        """Return the secret of a connection without an App; raises NotFoundError if it is unknown or deleted."""
        key = (name, forge)
        return self._secrets.get(key) or self._secrets.put(
            key, await find_secret(self._database, self._vault, name, forge)
        )

    async def installation(self, key: InstallationKey) -> Installation | None:
        """Return the connection of an App installation, creating it if it is new."""
        return self._installations.get(key) or await self._look_up(key, is_uninstalled=False)

    async def refresh_installation(self, key: InstallationKey, *, is_uninstalled: bool) -> Installation | None:
        """Return the connection of an installation that is changing, bypassing and clearing the cache."""
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
        return self._installations.put(key, found) if found is not None and found.is_open else found

    async def _connect(self, key: InstallationKey) -> Installation | None:
        if key.app is not None:
            return await connect_installation_of(self._database, key.app, key.number)
        return await adopt_installation(self._database, key.number, key.host)
