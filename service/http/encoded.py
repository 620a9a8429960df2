"""Responses that are encoded once and sent as they are, without the options of Litestar's responses."""

from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.types import Receive, Scope, Send

Content = TypeVar("Content")

_encoder = msgspec.json.Encoder()


class Encoded(Response[Content]):
    """A contract as JSON with status 200; OpenAPI describes it by its type like any other response."""

    def __init__(self, content: Content) -> None:  # Litestar's own fields stay unset: nothing reads them
        self.body = _encoder.encode(content)

    def to_asgi_response(self, *_: Any, **__: Any) -> "Encoded[Content]":  # type: ignore[override]  # see __call__
        """Return itself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the response."""
        length = str(len(self.body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})
