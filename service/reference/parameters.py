"""Schemas of query parameters without null: a query leaves a parameter out, and cannot send null."""

from collections.abc import Mapping
from typing import Any

NULL = {"type": "null"}


def with_plain_parameters(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation whose query parameters are not nullable, as generated clients expect."""
    if "parameters" not in operation:
        return operation
    return {**operation, "parameters": [_plain(each) for each in operation["parameters"]]}


def _plain(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {**parameter, "schema": _not_null(parameter["schema"])} if parameter["in"] == "query" else {**parameter}


def _not_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if NULL in (choices := schema.get("oneOf", [])):
        rest = {name: value for name, value in schema.items() if name != "oneOf"}
        (choice, *others) = (each for each in choices if each != NULL)
        if others:
            return {**schema, "oneOf": [choice, *others]}
        return {"allOf": [choice], **rest} if "$ref" in choice else {**choice, **rest}
    if "null" in (types := schema.get("type", "")):
        values = {"enum": [each for each in schema["enum"] if each is not None]} if "enum" in schema else {}
        return {**schema, **values, "type": next(each for each in types if each != "null")}
    return {**schema}
