"""Answers that a forge marked with an ETag: asked again they cost nothing of GitHub's limit unless they changed."""

from collections import OrderedDict
from typing import TypeAlias

from requests import PreparedRequest, Response

ENTRIES = 256
LARGEST_BODY = 1024 * 1024
NOT_MODIFIED = 304
# Of a request with this `Cache-Control` nothing is remembered: its answer holds people.
NO_STORE = "no-store"

# An answer depends on who asks.
_ASKED_BY = ("Authorization", "PRIVATE-TOKEN", "Accept")

Key: TypeAlias = tuple[str | bytes | None, ...]


class RememberedAnswers:
    """The last answers of one connection, in memory only."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Response] = OrderedDict()

    def ask_conditionally(self, request: PreparedRequest) -> None:
        """Let the forge say so when nothing changed."""
        known = self._answers.get(_key(request)) if request.method == "GET" else None
        if known is not None:
            request.headers["If-None-Match"] = known.headers["etag"]

    def answer(self, request: PreparedRequest, response: Response) -> Response:
        """What was asked for: the answer itself, or the remembered one when nothing changed."""
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
    return (request.url, *(request.headers.get(name) for name in _ASKED_BY))


def _copy(response: Response) -> Response:
    copy = Response()
    copy.__setstate__(response.__getstate__())
    return copy
