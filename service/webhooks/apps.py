"""Registered GitHub Apps whose secrets verify webhooks."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from schema.database import Database
from schema.github_apps import AppVault
from schema.key_ring import KeyRing
from service.connections.names import LARGEST_ID
from service.errors import UnauthorizedError
from service.webhooks.signatures import verify_github

# GitHub names the App in each delivery. Until the signature is verified, this is only a hint where to look.
TARGET_HEADER = "x-github-hook-installation-target-id"

# A deleted App is accepted for at most this long; a new one is found after a second.
KNOWN_FOR_SECONDS = 30.0
UNKNOWN_FOR_SECONDS = 1.0
KNOWN_LIMIT = 1000

_FIND = "SELECT organization_id, registration_id, sealed_credentials FROM find_github_apps($1)"


@dataclass(frozen=True, slots=True)
class SigningApp:
    """An App with its organization and webhook secret."""

    organization_id: int
    registration_id: UUID
    secret: str = field(repr=False)


class KnownApps:
    """A short-lived cache of Apps, so that a delivery needs no query."""

    def __init__(self, database: Database, ring: KeyRing, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._vault = AppVault(ring)
        self._known: dict[int, tuple[float, list[SigningApp]]] = {}

    async def named(self, headers: Mapping[str, str]) -> list[SigningApp]:
        """Return the registered Apps that a request names. Each GitHub server numbers its Apps from 1."""
        target = headers.get(TARGET_HEADER, "")
        app_id = int(target) if target.isdecimal() and len(target) <= len(str(LARGEST_ID)) else 0
        return await self._apps(app_id) if 0 < app_id <= LARGEST_ID else []

    async def _apps(self, app_id: int) -> list[SigningApp]:
        until, known = self._known.get(app_id, (0.0, []))
        if self._clock() < until:
            return known
        rows = await self._database.look_up(_FIND, app_id)
        found = []
        for row in rows:
            credentials = self._vault.credentials(row["organization_id"], row["sealed_credentials"])
            found.append(SigningApp(row["organization_id"], row["registration_id"], credentials.webhook_secret))
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        self._known[app_id] = (self._clock() + (KNOWN_FOR_SECONDS if found else UNKNOWN_FOR_SECONDS), found)
        return found


def signer(apps: Iterable[SigningApp], headers: Mapping[str, str], body: bytes) -> SigningApp | None:
    """Return which of the Apps signed a request; None if there are none.

    Apps may share an id; the secret decides. Raises UnauthorizedError if no secret fits.
    """
    refused: UnauthorizedError | None = None
    for app in apps:
        try:
            verify_github(headers, body, app.secret)
        except UnauthorizedError as error:
            refused = error
        else:
            return app
    if refused is not None:
        raise refused
    return None
