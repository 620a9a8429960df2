"""Requests to the REST API of the running service, and the form of an answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlencode

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from schema.errors import ShipledgerError
from service.client import Address, Client

Query: TypeAlias = Mapping[str, str | int | None]
BEARER = "bearer "
NO_KEY = (
    "This request has no API key. Send the header Authorization: Bearer and a key with the scope read; "
    "create one with: shipledger key create --scope read"
)


class Answer(BaseModel):
    """A sentence, the figures behind it, and where they come from."""

    sentence: str = Field(description="The answer in one sentence")
    requests: list[str] = Field(description="The requests to the REST API that give these figures")
    figures: dict[str, Any] = Field(description="The responses of the REST API; /schema describes their fields")


class Asked:
    """One question: its requests to the service, all with the key of whoever asks."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.requests: list[str] = []

    def get(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """Return the response to a request; a value that is None is left out."""
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        self.requests.append(f"GET {path}{'?' if given else ''}{urlencode(given)}")
        found: dict[str, Any] = self._client.get(path, given)
        return found

    def items(self, path: str, query: Query | None = None) -> list[dict[str, Any]]:
        """Return the items of all pages."""
        page = self.get(path, query)
        items: list[dict[str, Any]] = page["items"]
        while page["next_cursor"] is not None:
            page = self.get(path, {**(query or {}), "cursor": page["next_cursor"]})
            items += page["items"]
        return items


class Service:
    """The running service; `key` is None if every caller must bring an API key."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url = url
        self._key = key

    def answer(
        self, context: Context[Any, Any], question: Callable[[Asked], tuple[str, dict[str, Any]]]
    ) -> CallToolResult:
        """Ask a question with the caller's key; raises ToolError with one line if the service refuses it."""
        address = Address(self._url, self._key_of(context))
        try:
            with Client(address) as client:
                asked = Asked(client)
                sentence, figures = question(asked)
        except ShipledgerError as error:
            raise ToolError(error.detail) from error
        found = Answer(sentence=sentence, requests=asked.requests, figures=figures)
        return CallToolResult(
            content=[TextContent(type="text", text=sentence)], structured_content=found.model_dump(mode="json")
        )

    def _key_of(self, context: Context[Any, Any]) -> str:
        """Return the key in the caller's request over HTTP, else the key of this process."""
        request = context.request_context.request
        header = "" if request is None else str(request.headers.get("authorization", ""))
        key = header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else self._key
        if not key:
            raise ToolError(NO_KEY)
        return key
