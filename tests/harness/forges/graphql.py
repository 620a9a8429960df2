"""The part of GraphQL that clients use: fields with arguments, variables and inline fragments, over plain objects.

A field that an object does not have is an error, as at the forge.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

_TOKENS = re.compile(r'\.\.\.|[A-Za-z_]\w*|\$\w+|"[^"]*"|\d+|[{}():\[\]!]')

# Name in the response, field, arguments, and selected subfields.
Selection = list[tuple[str, str, dict[str, Any], "Selection | None"]]


class UnknownFieldError(Exception):
    """The query names an unknown field."""


def execute(query: str, variables: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    tokens = _TOKENS.findall(query.replace(",", " "))
    start = tokens.index("{", tokens.index(")") if tokens[1] == "(" else 0)
    selection, _ = _selection(tokens, start + 1, variables)
    return _resolve(root, selection)


def _selection(tokens: Sequence[str], at: int, variables: dict[str, Any]) -> tuple[Selection, int]:
    fields: Selection = []
    while tokens[at] != "}":
        alias = name = tokens[at]
        arguments: dict[str, Any] = {}
        at += 1
        if tokens[at] == ":":
            name, at = tokens[at + 1], at + 2
        if name == "...":
            assert tokens[at] == "on"
            name, at = f"... {tokens[at + 1]}", at + 2
        if tokens[at] == "(":
            arguments, at = _arguments(tokens, at + 1, variables, ")")
        inner = None
        if tokens[at] == "{":
            inner, at = _selection(tokens, at + 1, variables)
        fields.append((alias, name, arguments, inner))
    return fields, at + 1


def _arguments(tokens: Sequence[str], at: int, variables: dict[str, Any], end: str) -> tuple[dict[str, Any], int]:
    found = {}
    while tokens[at] != end:
        name, value = tokens[at], tokens[at + 2]
        at += 3
        if value == "{":
            found[name], at = _arguments(tokens, at, variables, "}")
        elif value.startswith("$"):
            found[name] = variables.get(value[1:])
        else:
            found[name] = int(value) if value.isdecimal() else value.strip('"')
    return found, at + 1


def _resolve(value: Any, selection: Selection) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for alias, name, arguments, inner in selection:
        if name.startswith("... "):
            assert inner is not None
            if value["__typename"] == name.removeprefix("... "):
                found |= _resolve(value, inner)
            continue
        if name not in value:
            raise UnknownFieldError(name)
        reported = value[name](**arguments) if callable(value[name]) else value[name]
        if inner is not None and isinstance(reported, list):
            reported = [_resolve(each, inner) for each in reported]
        elif inner is not None and reported is not None:
            reported = _resolve(reported, inner)
        found[alias] = reported
    return found


def pages(
    held: list[Any], key: Callable[[Any], str], show: Callable[[Any], dict[str, Any]]
) -> Callable[..., dict[str, Any]]:
    """Return a connection over `held`, in descending order of keys; a cursor is the key of the last node."""

    def page(first: int, after: str | None = None, **_: Any) -> dict[str, Any]:
        assert first <= 100, "GitHub returns at most 100"
        seen = b64decode(after).decode() if after else None
        left = sorted(((name, each) for each in held if (name := key(each)) < (seen or "~")), key=itemgetter(0))
        shown = left[: -first - 1 : -1]
        end = b64encode(shown[-1][0].encode()).decode() if shown else None
        information = {"hasNextPage": len(left) > first, "endCursor": end}
        return {"totalCount": len(held), "pageInfo": information, "nodes": [show(each) for _, each in shown]}

    return page
