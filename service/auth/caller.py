"""Who calls: an API key turned into an organization, scopes, and perhaps one team."""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from litestar.connection import ASGIConnection

from schema.database import Database
from schema.errors import UnauthorizedError
from service.auth.key_text import ParsedKey, Scope, bearer_text, parse_key

# How long a revoked key may still be honoured by another process; this one forgets it at once.
KNOWN_FOR_SECONDS = 5.0
KNOWN_LIMIT = 10_000

FIND_KEY = """
    SELECT scopes, team_id
    FROM api_key
    WHERE organization_id = $1 AND digest = $2 AND revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal; `team_id` is set when its key is pinned to one team."""

    organization_id: int
    scopes: frozenset[str]
    team_id: int | None = None

    def may(self, scope: str) -> bool:
        """Whether the caller holds a scope; admin holds all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


class KnownKeys:
    """Looks up keys, and remembers those it found for a short while so that a busy sender costs no query a request."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._read: dict[bytes, ParsedKey] = {}

    def read(self, header: bytes) -> ParsedKey:
        """The key in the value of an `Authorization` header; raises UnauthorizedError when there is none.

        What was read before is recognised by its digest, so that no key is kept.
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
        """Whose key it is; raises UnauthorizedError when it is unknown or revoked."""
        until, caller = self._known.get(key.digest, (0.0, None))
        if caller is not None and caller.organization_id == key.organization_id and self._clock() < until:
            return caller
        caller = await self._look_up(key)
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        self._known[key.digest] = (self._clock() + KNOWN_FOR_SECONDS, caller)
        return caller

    def forget(self, digest: bytes) -> None:
        """Look this key up anew the next time, since it was just revoked."""
        self._known.pop(digest, None)

    async def _look_up(self, key: ParsedKey) -> Caller:
        async with self._database.organization(key.organization_id) as tenant:
            row = await tenant.fetchrow(FIND_KEY, key.digest)
        if row is None:
            raise UnauthorizedError("the API key is unknown or revoked; create one with: shipledger key create")
        return Caller(key.organization_id, frozenset(row["scopes"]), row["team_id"])


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """The caller of a request, by its bearer key; raises UnauthorizedError."""
    known_keys: KnownKeys = connection.app.state.known_keys
    return await known_keys.caller(known_keys.read(authorization(connection.scope["headers"])))


def authorization(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The value of that header, the first if there are several; empty without one."""
    return next((value for name, value in headers if name == b"authorization"), b"")


async def provide_caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """The dependency `caller`: whom the handler's guard let through, else whoever holds the key."""
    known: Caller | None = request.scope.get("auth")
    return known or await authenticate(request)
