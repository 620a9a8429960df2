"""The caller of a request: the organization, scopes and team of its API key."""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from schema.database import Database
from service.auth.key_text import ParsedKey, Scope, bearer_text, parse_key
from service.auth.key_uses import KeyUses
from service.errors import UnauthorizedError

# How long a process may still accept an expired key, or one that another process revoked.
KNOWN_FOR_SECONDS = 5.0
KNOWN_LIMIT = 10_000

FIND_KEY = """
    SELECT key_id, scopes, team_id
    FROM api_key
    WHERE organization_id = $1 AND digest = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal; `team_id` is set if its key is pinned to one team."""

    organization_id: int
    scopes: frozenset[str]
    team_id: int | None = None
    key_id: UUID | None = None

    @property
    def actor(self) -> str:
        """Return how the audit log names the caller."""
        return f"key {self.key_id}"

    def may(self, scope: str) -> bool:
        """Return whether the caller has a scope; admin includes all scopes."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class KnownKeys:
    """A short-lived cache of API keys, so that a busy sender does not cost a query per request."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self.uses = KeyUses(database, clock)
        self._clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._read: dict[bytes, ParsedKey] = {}

    def read(self, header: bytes) -> ParsedKey:
        """Parse the value of an `Authorization` header; raises UnauthorizedError if it contains no key.

        The cache is keyed by the header's digest, so that no key stays in memory.
        """
        digest = hashlib.sha256(header).digest()
        key = self._read.get(digest)
        if key is None:
            key = parse_key(bearer_text(header.decode("latin-1")))
            if len(self._read) >= KNOWN_LIMIT:
                self._read.clear()
            self._read[digest] = key
        return key

    async def caller(self, key: ParsedKey) -> Caller:
        """Return the caller with this key; raises UnauthorizedError if it is unknown, revoked or expired."""
        until, caller = self._known.get(key.digest, (0.0, None))
        if caller is not None and caller.organization_id == key.organization_id and self._clock() < until:
            return caller
        caller = await self._look_up(key)
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        self._known[key.digest] = (self._clock() + KNOWN_FOR_SECONDS, caller)
        return caller

    def forget(self, digest: bytes) -> None:
        """Drop a revoked key from the cache."""
        self._known.pop(digest, None)

    async def _look_up(self, key: ParsedKey) -> Caller:
        async with self._database.organization(key.organization_id) as tenant:
            row = await tenant.fetchrow(FIND_KEY, key.digest)
        if row is None:
            raise UnauthorizedError(
                "the API key is unknown, revoked or expired; create one with: shipledger key create"
            )
        self.uses.note(key)
        return Caller(key.organization_id, frozenset(row["scopes"]), row["team_id"], row["key_id"])


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return the caller of a request by its bearer key; raises UnauthorizedError."""
    known_keys: KnownKeys = connection.app.state.known_keys
    return await known_keys.caller(known_keys.read(authorization(connection.scope["headers"])))


def authorization(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the value of the first `Authorization` header; empty without one."""
    return next((value for name, value in headers if name == b"authorization"), b"")


async def provide_caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Provide the dependency `caller`: the one that the guard authenticated, or else the owner of the key."""
    known: Caller | None = request.scope.get("auth")
    return known or await authenticate(request)
