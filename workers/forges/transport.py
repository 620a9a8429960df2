"""The HTTP transport to a forge: timeouts, retries with jitter, a circuit breaker, a cache, and rate limits.

PyGithub and python-gitlab both send through `requests`, and their sessions use this transport. It never sleeps for
long: when the forge must not be called, it raises TryLaterError with the time to retry.
"""

import random
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import Counter, Gauge
from requests import ConnectionError as NotConnectedError
from requests import PreparedRequest, Response, Session, Timeout
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

from workers.forge_access.broken import broken_by
from workers.forge_access.errors import ForgeError, ForgeUnavailableError, RateLimitedError
from workers.forges.addresses import PublicAdapter
from workers.forges.breaker import Breaker
from workers.forges.budget import FORBIDDEN, Budget
from workers.forges.clock import Clock
from workers.forges.page_size import PageSize
from workers.forges.response_cache import ResponseCache

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
ATTEMPTS = 3
# With commits, reviews and labels of each, a page costs one point of GitHub's rate limit; one more would cost two.
MOST_PULL_REQUESTS = 49
FIRST_WAIT_SECONDS = 0.5

# GraphQL queries here change nothing at the forge, so they may be repeated, too.
_REPEATABLE = {"GET", "HEAD"}
_PASSING = {500, 502, 503, 504}
_BROKEN = (NotConnectedError, Timeout, ChunkedEncodingError, ContentDecodingError)

BUDGET_REMAINING = Gauge(
    "shipledger_forge_budget_remaining", "Requests left until the forge's limit resets", ["connection", "resource"]
)
REQUESTS = Counter("shipledger_forge_requests", "Requests sent to forges, by their outcome", ["forge", "outcome"])


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


class RedirectedError(ForgeError):
    """The forge redirects to another host, which must not receive the token."""

    answer = "it redirects to another host"


class Transport:
    """The transport of one connection. Threads may share it, but one request at a time is kinder to the forge."""

    def __init__(self, forge: str, connection: str, base_url: str, clock: Clock, *, allow_private: bool) -> None:
        self.requests = 0
        self.page_size = PageSize(MOST_PULL_REQUESTS)
        self._place = _place(base_url)
        self._forge, self._connection, self._clock = forge, connection, clock
        self._allow_private = allow_private
        self._budget = Budget()
        self._breaker = Breaker()
        self._cache = ResponseCache()
        # Of the last request that failed: its status, or what broke the connection.
        self._answer: str | None = None

    def session(self) -> Session:
        """Return a session that uses this transport and ignores proxies and passwords of the machine."""
        session = Session()
        self.carry(session)
        return session

    def carry(self, session: Session) -> None:
        """Make a session use this transport."""
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(self, allow_private=self._allow_private))

    def limit_reported(self, resource: str) -> RateLimitedError:
        """Return the error for a rate limit reported inside an answer."""
        now = self._clock.now()
        self._budget.refuse(resource, now)
        REQUESTS.labels(self._forge, "refused").inc()
        return RateLimitedError("the forge's rate limit is reached", self._budget.open_at(resource, now))

    def failure_reported(self) -> ForgeUnavailableError:
        """Return the error for a failure reported inside an answer, such as a query timeout."""
        now = self._clock.now()
        self._breaker.failed(now)
        REQUESTS.labels(self._forge, "broken").inc()
        return ForgeUnavailableError("the forge failed to answer", self._breaker.open_at(now))

    def send(self, adapter: "_Adapter", request: PreparedRequest, options: dict[str, Any]) -> Response:
        """Send a request; raises RateLimitedError or ForgeUnavailableError with the time to retry."""
        if _place(request.url or "") != self._place:
            raise RedirectedError
        resource = resource_of(request.url or "")
        self._check(resource)
        self._cache.add_etag(request)
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1 or not _may_repeat(request)
            response = self._try(adapter, request, options)
            if response is not None:
                if self._observe(resource, response):
                    raise RateLimitedError(
                        "the forge's rate limit is reached", self._budget.open_at(resource, self._clock.now())
                    )
                if response.status_code not in _PASSING:
                    self._breaker.succeeded()
                    return self._cache.answer(request, response)
                self._answer = str(response.status_code)
            self._breaker.failed(self._clock.now())
            if last:
                break
            self._check(resource)
            # Full jitter, so that workers that failed together do not retry together.
            self._clock.sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**attempt))  # noqa: S311 - no secret
        now = self._clock.now()
        raise ForgeUnavailableError(
            "the forge does not answer", max(self._breaker.open_at(now), self._budget.open_at("", now)), self._answer
        )

    def _check(self, resource: str) -> None:
        now = self._clock.now()
        if (at := self._budget.open_at(resource, now)) > now:
            raise RateLimitedError("the forge's rate limit is reached", at)
        if (at := self._breaker.open_at(now)) > now:
            raise ForgeUnavailableError("the forge failed several times in a row", at, self._answer)

    def _try(self, adapter: "_Adapter", request: PreparedRequest, options: dict[str, Any]) -> Response | None:
        """Return a complete answer, or None when the connection broke."""
        self.requests += 1
        try:
            response = adapter.send_once(request, options)
            _ = response.content
        except _BROKEN as error:
            REQUESTS.labels(self._forge, "broken").inc()
            self._answer = broken_by(error)
            return None
        return response

    def _observe(self, resource: str, response: Response) -> bool:
        status, now = response.status_code, self._clock.now()
        says_limit = status == FORBIDDEN and b"rate limit" in response.content.lower()
        refused = self._budget.observe(resource, status, response.headers, now, says_limit=says_limit)
        if (left := self._budget.remaining.get(resource)) is not None:
            BUDGET_REMAINING.labels(self._connection, resource).set(left.requests)
        REQUESTS.labels(self._forge, "refused" if refused else f"{response.status_code // 100}xx").inc()
        return refused


class _Adapter(PublicAdapter):
    """Routes a library's requests through a transport."""

    def __init__(self, transport: Transport, *, allow_private: bool) -> None:
        self._transport = transport
        super().__init__(allow_private=allow_private)

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """Send through the transport; a session passes arguments by name only."""
        assert not arguments, "a session passes arguments by name"
        return self._transport.send(self, request, options)

    def send_once(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """Send one request over the network with our timeouts."""
        return super().send(request, **{**options, "timeout": (CONNECT_SECONDS, READ_SECONDS), "stream": False})


def resource_of(url: str) -> str:
    """Return the GitHub rate limit that a request counts against; requests as an App have their own."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/graphql"):
        return "graphql"
    if "/app/" in path or "/app-manifests/" in path:
        return "app"
    return "search" if "/search/" in path else "core"


def _may_repeat(request: PreparedRequest) -> bool:
    url = request.url or ""
    # A second token of an installation does no harm.
    return request.method in _REPEATABLE or resource_of(url) == "graphql" or url.endswith("/access_tokens")
