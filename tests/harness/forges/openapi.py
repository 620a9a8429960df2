"""GitHub's OpenAPI description of its REST API, adapted for Prism, and checks that Prism does not make."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

# The API's path at an Enterprise Server; paths in the description are below it.
BASE = "/api/v3"
JSON = "application/json"
METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
_ALSO_JSON = re.compile(r"application/(vnd\.github\.)?[\w.-]+\+json")

Json = dict[str, Any]


def fit(described: Json) -> Json:
    """Return the description with full paths, and rewritten where Prism silently skips checks.

    Some responses are described only for the media type of a preview, while clients request and get plain JSON.
    If a schema is nullable and has no type, Prism's validator skips the whole response.
    """
    for reported in _objects(described):
        content = reported.get("content")
        if isinstance(content, dict) and (also := next(filter(_ALSO_JSON.fullmatch, content), None)):
            content.setdefault(JSON, content[also])
        if reported.get("nullable") is True and "type" not in reported:
            _allow_null(reported)
    return {**described, "paths": {BASE + path: reported for path, reported in described["paths"].items()}}


def _objects(reported: Any) -> Iterator[Json]:
    """Yield all objects, outer ones first."""
    if isinstance(reported, dict):
        yield reported
    for each in reported.values() if isinstance(reported, dict) else reported if isinstance(reported, list) else ():
        yield from _objects(each)


def _allow_null(schema: Json) -> None:
    del schema["nullable"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
        return
    one = next((each for each in ("oneOf", "anyOf") if each in schema), None)
    if one is not None:
        schema[one] = [*schema[one], {"enum": [None]}]
    elif rest := {key: schema.pop(key) for key in ("allOf", "$ref") if key in schema}:
        schema["anyOf"] = [rest, {"enum": [None]}]


class Operations:
    """Operations of the API: methods, paths and names of query parameters."""

    def __init__(self, described: Json) -> None:
        self._whole = described
        # Literal path segments match before parameters.
        paths = sorted(described["paths"], key=lambda each: [part.startswith("{") for part in each.split("/")])
        self._paths = [(re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(each))), each) for each in paths]

    def named(self, method: str, path: str) -> str | None:
        """Return an operation such as `GET /api/v3/repos/{owner}/{repo}`, None if it is not described."""
        name = next((each for pattern, each in self._paths if pattern.fullmatch(path)), None)
        if name is None or method.lower() not in METHODS & set(self._whole["paths"][name]):
            return None
        return f"{method.upper()} {name}"

    def unknown_parameters(self, operation: str, query: str) -> list[str]:
        """Return query parameters that the operation does not have; GitHub and Prism ignore them silently."""
        method, _, name = operation.partition(" ")
        reported = self._whole["paths"][name]
        listed = [*reported.get("parameters", []), *reported[method.lower()].get("parameters", [])]
        known = {each["name"] for each in map(self._resolved, listed) if each["in"] == "query"}
        return sorted(set(parse_qs(query, keep_blank_values=True)) - known)

    def _resolved(self, reported: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in reported:
            found: Any = self._whole
            for part in reported["$ref"].partition("#/")[2].split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            reported = found
        return reported
