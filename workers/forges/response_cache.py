"""Caches answers with an ETag: an unchanged answer does not count against GitHub's rate limit."""

from collections import OrderedDict
from typing import TypeAlias

from requests import PreparedRequest, Response

ENTRIES = 256
LARGEST_BODY = 1024 * 1024
NOT_MODIFIED = 304
# Requests with this `Cache-Control` are not cached, because their answers contain people.
NO_STORE = "no-store"

# Headers on which an answer depends.
_VARY = ("Authorization", "PRIVATE-TOKEN", "Accept")

Key: TypeAlias = tuple[str | bytes | None, ...]


class ResponseCache:
    """The last answers of one connection, in memory only."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Response] = OrderedDict()

    def add_etag(self, request: PreparedRequest) -> None:
        """Make the request conditional if its answer is cached."""
        known = self._answers.get(_key(request)) if request.method == "GET" else None
        if known is not None:
            request.headers["If-None-Match"] = known.headers["etag"]

    def answer(self, request: PreparedRequest, response: Response) -> Response:
        """Return the answer, or the cached one when nothing changed."""
        key = _key(request)
        if response.status_code == NOT_MODIFIED and key in self._answers:
            self._answers.move_to_end(key)
            return _copy(self._answers[key])
        if (
            request.method == "GET"
            and request.headers.get("Cache-Control") != NO_STORE
            and response.ok
            and "etag" in response.headers
            and len(response.content) <= LARGEST_BODY
        ):
            self._answers[key] = _copy(response)
            while len(self._answers) > ENTRIES:
                self._answers.popitem(last=False)
        return response


def _key(request: PreparedRequest) -> Key:
    return (request.url, *(request.headers.get(name) for name in _VARY))


def _copy(response: Response) -> Response:
    copy = Response()
    copy.__setstate__(response.__getstate__())
    return copy
