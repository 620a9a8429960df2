"""The caller of a request: the organization, scopes and team of its API key."""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from schema.database import Database
from schema.errors import TooManyRequestsError
from service.auth.grants import role_of
from service.auth.key_text import ParsedKey, Scope, bearer_text, parse_key
from service.auth.key_uses import KeyUses
from service.auth.roles import Role
from service.errors import UnauthorizedError
from service.http.admission.rates import Bucket
from service.http.admission.strangers import Strangers, address_of

# How long a process may still accept an expired key, or one that another process revoked.
KNOWN_FOR_SECONDS = 5.0
# How long it refuses a wrong key without asking again. Nobody sends a key before it is created.
WRONG_FOR_SECONDS = 5.0
KNOWN_LIMIT = 10_000

WRONG = "the API key is unknown, revoked or expired; create one with: shipledger key create"

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
        """Return whether the caller has a scope; admin includes all scopes but owner, which includes all."""
        if scope in self.scopes or Scope.OWNER in self.scopes:
            return True
        return scope != Scope.OWNER and Scope.ADMIN in self.scopes

    @property
    def role(self) -> Role | None:
        """The role in which the caller grants; None for a key that only sends."""
        return role_of(self.scopes)


class KnownKey:
    """A key that was valid: its caller, until when that is trusted, and how many requests it may send."""

    __slots__ = ("bucket", "caller", "until")

    def __init__(self, caller: Caller, until: float, bucket: Bucket | None) -> None:
        self.caller, self.until, self.bucket = caller, until, bucket


class KnownKeys:
    """A short-lived cache of API keys, so that a busy sender does not cost a query per request.

    A key may send `rate` requests per second, 0 for any number. Who sends many wrong keys must wait to try others; a
    key that was valid is always looked up.
    """

    def __init__(
        self, database: Database, strangers: Strangers, rate: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._strangers = strangers
        self._rate = rate
        self.uses = KeyUses(database, clock)
        self._clock = clock
        self._known: dict[bytes, KnownKey] = {}
        self._wrong: dict[ParsedKey, float] = {}
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

    async def caller(self, key: ParsedKey, address: str) -> Caller:
        """Return the caller with this key.

        Raises UnauthorizedError if it is unknown, revoked or expired, and TooManyRequestsError if the key is used too
        often or the address sent many wrong keys.
        """
        now = self._clock()
        known = self._known.get(key.digest)
        if known is None or known.caller.organization_id != key.organization_id:
            known = await self._try(key, address)
        elif now >= known.until:
            known.caller, known.until = await self._look_up(key), now + KNOWN_FOR_SECONDS
        if known.bucket is not None and not known.bucket.take(now):
            raise TooManyRequestsError("this API key sends too many requests; send larger batches", 1)
        return known.caller

    def forget(self, digest: bytes) -> None:
        """Drop a revoked key from the cache."""
        self._known.pop(digest, None)

    async def _try(self, key: ParsedKey, address: str) -> KnownKey:
        """Look up a key that was not valid before."""
        now = self._clock()
        if now < self._wrong.get(key, 0.0):
            raise UnauthorizedError(WRONG)
        try:
            async with self._strangers.trying(address):
                caller = await self._look_up(key)
        except UnauthorizedError:
            self._strangers.fail(address)
            if len(self._wrong) >= KNOWN_LIMIT:
                self._wrong.clear()
            self._wrong[key] = now + WRONG_FOR_SECONDS
            raise
        if len(self._known) >= KNOWN_LIMIT:
            self._known.clear()
        bucket = Bucket(self._rate, self._rate, now) if self._rate else None
        self._known[key.digest] = known = KnownKey(caller, now + KNOWN_FOR_SECONDS, bucket)
        return known

    async def _look_up(self, key: ParsedKey) -> Caller:
        async with self._database.organization(key.organization_id) as tenant:
            row = await tenant.fetchrow(FIND_KEY, key.digest)
        if row is None:
            self.forget(key.digest)
            raise UnauthorizedError(WRONG)
        self.uses.note(key)
        return Caller(key.organization_id, frozenset(row["scopes"]), row["team_id"], row["key_id"])


async def authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return the caller of a request by its bearer key; raises UnauthorizedError."""
    known_keys: KnownKeys = connection.app.state.known_keys
    key = known_keys.read(authorization(connection.scope["headers"]))
    return await known_keys.caller(key, address_of(connection.scope))


def authorization(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the value of the first `Authorization` header; empty without one."""
    return next((value for name, value in headers if name == b"authorization"), b"")


async def provide_caller(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Provide the dependency `caller`: the one that the guard authenticated, or else the owner of the key."""
    known: Caller | None = request.scope.get("auth")
    return known or await authenticate(request)
