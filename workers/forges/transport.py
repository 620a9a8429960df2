"""The one way to a forge: timeouts, retries with jitter, a breaker, remembered answers, and the forge's limits obeyed.

PyGithub and python-gitlab both send through `requests`; a line is what carries their requests. It never sleeps for
long: where a forge must be left alone it raises TryLaterError, and whoever asks comes back then.
"""

import random
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import Counter, Gauge
from requests import ConnectionError as NotConnectedError
from requests import PreparedRequest, Response, Session, Timeout
from requests.exceptions import ChunkedEncodingError, ContentDecodingError

from workers.forges.addresses import PublicAdapter
from workers.forges.breaker import Breaker
from workers.forges.budget import FORBIDDEN, Budget
from workers.forges.clock import Clock
from workers.forges.errors import ForgeAwayError, ForgeError, RateLimitedError
from workers.forges.page_size import PageSize
from workers.forges.response_cache import RememberedAnswers

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
ATTEMPTS = 3
# With commits, reviews and labels of each a page costs one point of GitHub's limit; one more, and it would cost two.
MOST_PULL_REQUESTS = 49
FIRST_WAIT_SECONDS = 0.5

# Our queries change nothing at the forge, so those of GraphQL may be sent again, too.
_REPEATABLE = {"GET", "HEAD"}
_PASSING = {500, 502, 503, 504}
_BROKEN = (NotConnectedError, Timeout, ChunkedEncodingError, ContentDecodingError)

BUDGET_REMAINING = Gauge(
    "shipledger_forge_budget_remaining", "Requests left until the forge's limit resets", ["connection", "resource"]
)
REQUESTS = Counter("shipledger_forge_requests", "Requests sent to forges, by their outcome", ["forge", "outcome"])


class Line:
    """One connection's way to its forge; threads may share it, one request at a time is kinder to the forge."""

    def __init__(self, forge: str, connection: str, base_url: str, clock: Clock, *, allow_private: bool) -> None:
        self.requests = 0
        self.page_size = PageSize(MOST_PULL_REQUESTS)
        self._place = urlsplit(base_url)[:2]
        self._forge, self._connection, self._clock = forge, connection, clock
        self._allow_private = allow_private
        self._budget = Budget()
        self._breaker = Breaker()
        self._remembered = RememberedAnswers()

    def session(self) -> Session:
        """A session whose every request takes this line; it reads no proxies or passwords of the machine."""
        session = Session()
        self.carry(session)
        return session

    def carry(self, session: Session) -> None:
        """Let a session's every request take this line."""
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(self, allow_private=self._allow_private))

    def limit_reported(self, resource: str) -> RateLimitedError:
        """The error for a refusal that came inside of an answer."""
        now = self._clock.now()
        self._budget.refuse(resource, now)
        REQUESTS.labels(self._forge, "refused").inc()
        return RateLimitedError("the forge's limit is reached", self._budget.open_at(resource, now))

    def failure_reported(self) -> ForgeAwayError:
        """The error for a failure of the forge that came inside of an answer, as that of a query that took too long."""
        now = self._clock.now()
        self._breaker.failed(now)
        REQUESTS.labels(self._forge, "broken").inc()
        return ForgeAwayError("the forge failed to answer", self._breaker.open_at(now))

    def send(self, adapter: "_Adapter", request: PreparedRequest, options: dict[str, Any]) -> Response:
        """Send once it may be sent; raises RateLimitedError or ForgeAwayError with the time to come back."""
        if urlsplit(request.url or "")[:2] != self._place:
            raise ForgeError("the forge redirects to another host, which must not receive the token")
        resource = resource_of(request.url or "")
        self._check(resource)
        self._remembered.ask_conditionally(request)
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1 or not _may_repeat(request)
            response = self._try(adapter, request, options)
            if response is not None:
                if self._observe(resource, response):
                    raise RateLimitedError(
                        "the forge's limit is reached", self._budget.open_at(resource, self._clock.now())
                    )
                if response.status_code not in _PASSING:
                    self._breaker.succeeded()
                    return self._remembered.answer(request, response)
            self._breaker.failed(self._clock.now())
            if last:
                break
            self._check(resource)
            # Full jitter, so that workers that failed together do not come back together.
            self._clock.sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**attempt))  # noqa: S311 - no secret
        now = self._clock.now()
        raise ForgeAwayError(
            "the forge does not answer", max(self._breaker.open_at(now), self._budget.open_at("", now))
        )

    def _check(self, resource: str) -> None:
        now = self._clock.now()
        if (at := self._budget.open_at(resource, now)) > now:
            raise RateLimitedError("the forge's limit is reached", at)
        if (at := self._breaker.open_at(now)) > now:
            raise ForgeAwayError("the forge failed several times in a row", at)

    def _try(self, adapter: "_Adapter", request: PreparedRequest, options: dict[str, Any]) -> Response | None:
        """An answer read to its end, or None when the connection broke."""
        self.requests += 1
        try:
            response = adapter.send_once(request, options)
            _ = response.content
        except _BROKEN:
            REQUESTS.labels(self._forge, "broken").inc()
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
    """Puts a line between a library's session and the network."""

    def __init__(self, line: Line, *, allow_private: bool) -> None:
        self._line = line
        super().__init__(allow_private=allow_private)

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """Take the line; arguments other than by name are none that a session passes."""
        assert not arguments, "a session names its arguments"
        return self._line.send(self, request, options)

    def send_once(self, request: PreparedRequest, options: dict[str, Any]) -> Response:
        """One request on the network, within our time limits."""
        return super().send(request, **{**options, "timeout": (CONNECT_SECONDS, READ_SECONDS), "stream": False})


def resource_of(url: str) -> str:
    """Which of GitHub's budgets a request is counted to; GitLab has one. What an App asks as itself counts apart."""
    path = urlsplit(url).path.rstrip("/")
    if path.endswith("/graphql"):
        return "graphql"
    if "/app/" in path or "/app-manifests/" in path:
        return "app"
    return "search" if "/search/" in path else "core"


def _may_repeat(request: PreparedRequest) -> bool:
    url = request.url or ""
    # Two tokens of an installation do no harm.
    return request.method in _REPEATABLE or resource_of(url) == "graphql" or url.endswith("/access_tokens")
