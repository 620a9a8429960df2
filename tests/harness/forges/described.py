"""What is asked of a fake GitHub, and what it answers, compared with GitHub's own OpenAPI description of its REST API.

Only where `SHIPLEDGER_GITHUB_OPENAPI` names that description, as `.ci/openapi` does: it is large, and needs a validator
that nothing else does.
"""

import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

VARIABLE = "SHIPLEDGER_GITHUB_OPENAPI"
BASE = "/api/v3"
# GraphQL is described elsewhere.
NOT_DESCRIBED = {f"{BASE}/graphql"}
SERVER_ERROR = 500
# References within the document, which parts of it are validated by, need its name.
NAME = "urn:github"
_LOCAL = re.compile(r'"\$ref":\s*"#/')

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Description:
    """An OpenAPI 3.0 description that stands in one document."""

    def __init__(self, path: Path) -> None:
        self._whole = json.loads(_LOCAL.sub(f'"$ref":"{NAME}#/', path.read_text()))
        self._asked, self._told = _validator(self._whole), _validator(_lenient(self._whole))
        # The most telling path first: what is spelled out before what is a parameter.
        paths = sorted(self._whole["paths"], key=lambda each: [part.startswith("{") for part in each.split("/")])
        self._paths = [(re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(each))), each) for each in paths]

    def violations(self, method: str, path: str, query: str, asked: bytes, status: int, told: bytes) -> Iterator[str]:
        """What a request and its answer do otherwise than described."""
        own = path.removeprefix(BASE)
        name = next((each for pattern, each in self._paths if pattern.fullmatch(own)), None)
        operation = self._whole["paths"].get(name, {}).get(method.lower())
        if operation is None:
            yield f"{method} {own} is not described"
            return
        place = f"{method} {name}"
        known = {each["name"] for each in map(self._resolve, operation.get("parameters", [])) if each["in"] == "query"}
        yield from (f"{place} has no parameter {each}" for each in set(parse_qs(query)) - known)
        if asked and "requestBody" in operation:
            yield from _check(self._asked, f"{place}, request", self._resolve(operation["requestBody"]), asked)
        if status >= SERVER_ERROR:
            return
        answer = operation["responses"].get(str(status))
        if answer is None:
            # Refusals for who asks or how often are told of the API as a whole.
            if status not in {401, 403, 404, 429}:
                yield f"{place} never answers {status}"
        else:
            yield from _check(self._told, f"{place}, {status}", _lenient(self._resolve(answer)), told)

    def _resolve(self, told: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in told:
            found = self._whole
            for part in told["$ref"].partition("#/")[2].split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            told = found
        return told


def _validator(whole: Any) -> Any:
    from openapi_schema_validator import OAS30Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    return OAS30Validator({}, registry=Registry().with_resource(NAME, DRAFT202012.create_resource(whole)))


def _check(validator: Any, place: str, described: dict[str, Any], body: bytes) -> Iterator[str]:
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is not None:
        for error in validator.evolve(schema=schema).iter_errors(json.loads(body or b"null")):
            yield f"{place}: {'/'.join(map(str, error.absolute_path))} {error.message[:200]}"


def _lenient(told: Any) -> Any:
    """A description by which anything may be left out: a fake tells what is read, and that as GitHub would."""
    if isinstance(told, list):
        return [_lenient(each) for each in told]
    if not isinstance(told, dict):
        return told
    kept = {key: value for key, value in told.items() if not (key == "required" and isinstance(value, list))}
    return {"anyOf" if key == "oneOf" else key: _lenient(value) for key, value in kept.items()}


@cache
def description() -> Description | None:
    """The description that is named, read once."""
    named = os.environ.get(VARIABLE)
    return Description(Path(named)) if named else None


class Compared:
    """An application whose every exchange below the API is compared; `found` are the violations."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.found: set[str] = set()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        described = description()
        path = scope.get("path", "")
        if described is None or not path.startswith(BASE) or path in NOT_DESCRIBED:
            await self._application(scope, receive, send)
            return
        asked, told, status = bytearray(), bytearray(), 0

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            told.extend(message.get("body", b""))
            await send(message)

        await self._application(scope, hear, say)
        query = scope["query_string"].decode()
        self.found.update(described.violations(scope["method"], path, query, bytes(asked), status, bytes(told)))

    def verify(self) -> None:
        """Raises AssertionError that names every violation."""
        assert not self.found, "\n".join(sorted(self.found))
