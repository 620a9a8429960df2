"""The OpenAPI description at /schema: all routes, their authentication and their errors."""

import asyncio
from inspect import getdoc
from typing import Any

from litestar import Request, Response, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Schema, SecurityScheme
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct

from service.exports.lists import check_query
from service.http.problem_documents import MEDIA_TYPE
from service.reference.answers import with_answer
from service.reference.examples import with_examples
from service.reference.operation_ids import operation_id
from service.reference.parameters import with_plain_parameters
from service.webhooks.described import PATHS as WEBHOOKS

API_VERSION = "1"
DESCRIPTION = """What merged pull requests and releases cost in AI tokens and dollars, and which spend never shipped.

Times are RFC 3339 in UTC, and days are UTC days. Money is a decimal string in US dollars. Lists are pages: pass
`next_cursor` as `cursor` to get the next page. Artifact ids are `a1_` and 64 hexadecimal digits."""
# Routes under this prefix return OTLP errors.
OTLP = "/v1/"
PATH = "/schema"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:shipledger:problem:..."},
        "title": {"type": "string", "description": "Name of the kind of problem"},
        "status": {"type": "integer", "description": "HTTP status"},
        "detail": {"type": "string", "description": "What is wrong, and what to do"},
        "field": {"type": "string", "description": "The invalid part of the request, if there is one"},
    },
}
# Every list takes it; service/exports/lists.py answers it.
FORMAT = {
    "name": "format",
    "in": "query",
    "required": False,
    "description": "`csv` or `parquet`: the whole list as a file (no `cursor`, no `limit`), with dotted nested fields",
    "schema": {"type": "string", "enum": ["json", "csv", "parquet"], "default": "json"},
}
ERRORS = {
    "400": "The request is invalid; `field` names the invalid part",
    "401": "The API key is missing, unknown or revoked",
    "403": "The key lacks the scope, or is pinned to another team",
    "404": "The organization has no such resource",
    "413": "The body is too large",
    "429": "The key, address or organization sends too much; try again after Retry-After",
    "503": "PostgreSQL cannot be reached; try again",
}


def openapi() -> OpenAPIConfig:
    """Configure OpenAPI 3.1 as JSON at /schema and /schema/openapi.json."""
    return OpenAPIConfig(
        title="Shipledger",
        version=API_VERSION,
        description=DESCRIPTION,
        components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"key": []}],
        path=PATH,
        operation_id_creator=operation_id,
        use_handler_docstrings=True,
        render_plugins=[RENDERER],
        openapi_router=Router(PATH, route_handlers=[], include_in_schema=False, before_request=describe_first),
    )


async def describe_first(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Make the description in a thread when it is first asked for: it takes half a second, once."""
    state = request.app.state
    if "description" not in state:
        state.description = asyncio.create_task(asyncio.to_thread(_describe, request))
    await asyncio.shield(state.description)
    return await check_query(request)


def _describe(request: Request[Any, Any, Any]) -> None:
    RENDERER.render(request, request.app.plugins.get("OpenAPIPlugin").provide_openapi_schema())


class StructDescriptions(OpenAPISchemaPlugin):
    """Describes structs by their docstrings, which Litestar's own plugin for structs does not read."""

    @staticmethod
    def is_plugin_supported_field(field_definition: FieldDefinition) -> bool:
        """Return whether the field is a struct."""
        return not field_definition.is_union and field_definition.is_subclass_of(Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """Add the docstring to the schema of the next plugin that supports the field."""
        plugins = (plugin for plugin in schema_creator.plugins if plugin is not self)
        plugin = next(each for each in plugins if schema_creator.plugin_supports_field(each, field_definition))
        schema: Schema = plugin.to_openapi_schema(field_definition, schema_creator)
        schema.description = getdoc(field_definition.type_)
        return schema


class ProblemsInJson(JsonRenderPlugin):
    """A renderer that replaces Litestar's error format with RFC 9457 problems."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._rendered: tuple[dict[str, Any], bytes] | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Render the description with problem documents as errors, once: it takes as long as thirty requests."""
        if self._rendered is None or self._rendered[0] is not openapi_schema:
            self._rendered = openapi_schema, super().render(request, with_problems(openapi_schema))
        return self._rendered[1]


RENDERER = ProblemsInJson(path=["/", "/openapi.json"])


def with_problems(description: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with the webhook routes, with examples, and with problem documents as errors of the API."""
    components = description.get("components", {})
    schemas = {**components.get("schemas", {}), "Problem": PROBLEM}
    paths = {
        path: {method: _readable(path, method, operation, schemas) for method, operation in operations.items()}
        for path, operations in {**description["paths"], **WEBHOOKS}.items()
    }
    return {**description, "paths": paths, "components": {**components, "schemas": schemas}}


def _readable(path: str, method: str, operation: Any, schemas: dict[str, Any]) -> Any:
    """Describe formats, errors and examples of an operation."""
    if method == "get":
        operation = _with_formats(operation, schemas)
    operation = with_examples(path, method, with_plain_parameters(_with_errors(path, operation)))
    return operation if path.startswith(OTLP) else with_answer(operation, schemas)


def _with_formats(operation: Any, schemas: dict[str, Any]) -> Any:
    """Describe the formats of an operation that answers with a list."""
    answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = schemas.get(answer.get("$ref", "").rpartition("/")[2], {})
    if not {"items", "next_cursor"} <= set(shape.get("properties", {})):
        return operation
    return {**operation, "parameters": [*operation.get("parameters", []), FORMAT]}


def _with_errors(path: str, operation: Any) -> Any:
    if path.startswith(OTLP) or not isinstance(operation, dict):
        return operation
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    errors = {status: {"description": text, "content": content} for status, text in ERRORS.items()}
    successes = {status: response for status, response in operation["responses"].items() if status.startswith("2")}
    return {**operation, "responses": {**successes, **errors}}
