"""The description of the API, served at /schema: every route, its key, and what its refusals look like."""

from typing import Any

from litestar import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from service.http.problems import MEDIA_TYPE
from service.webhooks.described import PATHS as WEBHOOKS

API_VERSION = "1"
DESCRIPTION = "What merged pull requests and releases cost in AI tokens and dollars, and which spend never shipped."
# Routes whose refusals are of another protocol.
OTLP = "/v1/"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:shipledger:problem:..."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, and what to do about it"},
        "field": {"type": "string", "description": "the part of the request to blame, where one is"},
    },
}
REFUSALS = {
    "400": "The request cannot be used as it is; field names the part",
    "401": "No key, or an unknown or revoked one",
    "403": "The key lacks the scope, or is pinned to another team",
    "404": "Nothing of that name or id in this organization",
    "413": "The body is too large",
    "503": "PostgreSQL cannot be reached; try again",
}


def openapi() -> OpenAPIConfig:
    """OpenAPI 3.1 as JSON at /schema and /schema/openapi.json."""
    return OpenAPIConfig(
        title="Shipledger",
        version=API_VERSION,
        description=DESCRIPTION,
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"key": []}],
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[ProblemsInJson(path=["/", "/openapi.json"])],
    )


class ProblemsInJson(JsonRenderPlugin):
    """Litestar describes its own error format; ours is RFC 9457."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description with our refusals in it."""
        return super().render(request, with_problems(openapi_schema))


def with_problems(description: dict[str, Any]) -> dict[str, Any]:
    """A copy with the webhooks, in which every operation of the API answers refusals with a problem document."""
    components = description.get("components", {})
    schemas = {**components.get("schemas", {}), "Problem": PROBLEM}
    paths = {
        path: {method: _with_refusals(path, operation) for method, operation in operations.items()}
        for path, operations in {**description["paths"], **WEBHOOKS}.items()
    }
    return {**description, "paths": paths, "components": {**components, "schemas": schemas}}


def _with_refusals(path: str, operation: Any) -> Any:
    if path.startswith(OTLP) or not isinstance(operation, dict):
        return operation
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = {status: {"description": text, "content": content} for status, text in REFUSALS.items()}
    answers = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    return {**operation, "responses": {**answers, **refusals}}
