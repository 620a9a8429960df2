"""Examples of answers, made from their schemas, so that they always have the fields of today.

Values come from the name of a field, then from its type. Tests check each example against its schema, and that every
text in it was chosen for its name.
"""

from collections.abc import Mapping
from typing import Any

from service.reference.answer_values import DAYS, FALSE, KEYS, NULLS, NUMBERS, PARTS, SHAPES, TEXTS, UNNAMED, USD
from service.reference.examples import DAY, INSTANT, ROW_ID

JSON = "application/json"
FORMATS = {"date": DAY, "date-time": INSTANT, "uuid": ROW_ID}


def with_answer(operation: dict[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation with an example of each JSON answer that succeeds."""
    responses = {}
    for status, response in operation.get("responses", {}).items():
        schema = response.get("content", {}).get(JSON, {}).get("schema")
        if status.startswith("2") and schema:
            answer = {**response["content"][JSON], "example": example_of(schema, schemas)}
            response = {**response, "content": {**response["content"], JSON: answer}}  # noqa: PLW2901 - a copy
        responses[status] = response
    return {**operation, "responses": responses}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """Return an example of a schema, which belongs to a field of this name; schemas do not contain themselves."""
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2], schemas)
    for way in ("allOf", "oneOf", "anyOf"):
        if way in schema:
            return _of_choices(schema, schema[way], schemas, name)
    kinds = [schema.get("type", "")] if isinstance(schema.get("type", ""), str) else schema["type"]
    if "null" in kinds and (name in NULLS or kinds == ["null"]):
        return None
    if "array" in kinds:
        return [example_of(schema.get("items", {}), schemas, name.removesuffix("s"))]
    if "object" in kinds:
        return _object(schema, schemas, name)
    return _value(next(each for each in [*kinds, "null"] if each != "null" or len(kinds) == 1), schema, name)


def _of_choices(schema: Mapping[str, Any], choices: list[Any], schemas: Mapping[str, Any], name: str) -> Any:
    real = [each for each in choices if each.get("type") != "null"]
    if len(real) < len(choices) and name in NULLS:
        return None
    pattern = {"pattern": schema["pattern"]} if "pattern" in schema else {}
    return example_of({**real[0], **pattern}, schemas, name)


def _named(reference: str, schemas: Mapping[str, Any]) -> Any:
    found = example_of(schemas[reference], schemas)
    return {**found, **SHAPES[reference]} if reference in SHAPES else found


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if not fields:
        rest = schema.get("additionalProperties")
        return {KEYS.get(name, "default"): example_of(rest, schemas, f"each of {name}")} if rest else {}
    found = {each: example_of(shape, schemas, each) for each, shape in fields.items()}
    # A ledger adds up: what was received is on merged pull requests, and nothing elsewhere.
    if "received" in found:
        for part in PARTS & found.keys():
            if isinstance(found[part], dict):
                found[part] = {each: USD["zero"] if each == "cost_usd" else 0 for each in found[part]}
    return found


def _value(kind: str, schema: Mapping[str, Any], name: str) -> Any:
    if "enum" in schema:
        return next(each for each in schema["enum"] if each is not None)
    if kind == "boolean":
        return name not in FALSE
    if kind in {"integer", "number"}:
        return NUMBERS.get(name, 12 if kind == "integer" else 0.8)
    if "format" in schema:
        return DAYS.get(name, FORMATS[schema["format"]])
    is_money = "[0-9]+" in schema.get("pattern", "") or name.endswith("_usd")
    return USD.get(name, "0.06") if is_money else TEXTS.get(name, UNNAMED)
