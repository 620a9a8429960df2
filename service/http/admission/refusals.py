"""What a client gets that takes too much, before its request reaches an endpoint: a problem document and the end."""

from http import HTTPStatus
from typing import Any

import msgspec

from service.http.admission import limits
from service.http.problem_documents import MEDIA_TYPE, problem_document


class Refusal:
    """A refusal: `reason` for Prometheus, and the whole response, after which the connection is closed."""

    __slots__ = ("body", "reason", "response", "retry_after", "status")

    def __init__(self, reason: str, status: HTTPStatus, detail: str, *, retry_after: int = 0) -> None:
        self.reason, self.status, self.retry_after = reason, status, retry_after
        self.body = msgspec.json.encode(problem_document(status, status.phrase.capitalize(), detail))
        retry = f"retry-after: {retry_after}\r\n" if retry_after else ""
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(self.body)}\r\n{retry}connection: close\r\n\r\n"
        )
        self.response = head.encode() + self.body


class RefusedError(Exception):
    """Ends the parsing of a request."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


_KIB = 1024

UNREADABLE = Refusal("unreadable", HTTPStatus.BAD_REQUEST, "the request is not valid HTTP")
LARGE_HEAD = Refusal(
    "large_head",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the head of the request exceeds {limits.HEAD_BYTES // _KIB} KiB; send smaller headers",
)
MANY_HEADERS = Refusal(
    "many_headers",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the request has more than {limits.HEADERS} headers; send fewer",
)
SLOW_BODY = Refusal(
    "slow_body",
    HTTPStatus.REQUEST_TIMEOUT,
    f"the body arrives too slowly; send {limits.BODY_BYTES_A_SECOND // _KIB} KiB per second or more, and all within"
    f" {limits.BODY_SECONDS} seconds",
)
SMALL_PIECES = Refusal(
    "small_pieces",
    HTTPStatus.BAD_REQUEST,
    f"the body arrives in pieces that are too small; send chunks of {limits.PIECE_BYTES} bytes or more",
)
MUCH_FRAMING = Refusal(
    "much_framing",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "the chunk extensions or trailers of the body are too large; leave them out",
)
MANY_PIPELINED = Refusal(
    "many_pipelined",
    HTTPStatus.TOO_MANY_REQUESTS,
    f"more than {limits.PIPELINED} requests wait on this connection; wait for the responses",
    retry_after=1,
)
MANY_CONNECTIONS = Refusal(
    "many_connections",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "the service has too many connections; try again later",
    retry_after=5,
)
MANY_CONNECTIONS_OF_ADDRESS = Refusal(
    "many_connections_of_address",
    HTTPStatus.TOO_MANY_REQUESTS,
    "this address has too many connections; close some, or try again later",
    retry_after=5,
)
MANY_BODY_BYTES = Refusal(
    "many_body_bytes",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "the service receives too many large bodies at the same time; try again later",
    retry_after=5,
)
MANY_BODY_BYTES_OF_ADDRESS = Refusal(
    "many_body_bytes_of_address",
    HTTPStatus.TOO_MANY_REQUESTS,
    "this address sends too many large bodies at the same time; send fewer at once",
    retry_after=5,
)
MANY_REQUESTS = Refusal(
    "many_requests",
    HTTPStatus.TOO_MANY_REQUESTS,
    "this address sends too many requests without a valid key; send an API key, or try again later",
    retry_after=1,
)
# Only counted: the connection is closed without an answer.
SLOW_HEAD = Refusal("slow_head", HTTPStatus.REQUEST_TIMEOUT, "the head of the request did not arrive in time")
SLOW_READER = Refusal("slow_reader", HTTPStatus.REQUEST_TIMEOUT, "the response was not read")


async def refuse_request(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's signature
    """Answer a request of an address that must wait; the connection stays open."""
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(MANY_REQUESTS.body)).encode()),
        (b"retry-after", str(MANY_REQUESTS.retry_after).encode()),
    ]
    await send({"type": "http.response.start", "status": MANY_REQUESTS.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": MANY_REQUESTS.body, "more_body": False})
