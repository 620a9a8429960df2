"""deploy/otel-collector: its files as the collector merges them, and the part of a body that the edge passes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from service.telemetry.otlp.records import Signal
from tests.harness.ottl import Scope, expanded, holds, run

FOLDER = Path(__file__).resolve().parents[2] / "deploy/otel-collector"
ENVIRONMENT = {
    "SHIPLEDGER_URL": "https://tokens.example.com",
    "SHIPLEDGER_API_KEY": "sl1_1_KEY",
    "SHIPLEDGER_EDGE_SALT": "salt of a company",
    "SHIPLEDGER_FLEET": "collectors.example.com",
}
RECORDS = {
    Signal.LOGS: ("resource_logs", "scope_logs", "log_records"),
    Signal.TRACES: ("resource_spans", "scope_spans", "spans"),
    Signal.METRICS: ("resource_metrics", "scope_metrics", "metrics"),
}
STATEMENTS = {Signal.LOGS: "log_statements", Signal.TRACES: "trace_statements", Signal.METRICS: "metric_statements"}
DATA = ("sum", "gauge", "histogram", "exponential_histogram")


def configuration(*names: str) -> dict[str, Any]:
    """Merge files as `--config` does: maps merge, and of anything else the last one wins."""
    merged: dict[str, Any] = {}
    for name in names:
        _lay_over(merged, yaml.safe_load((FOLDER / name).read_text()))
    return merged


def _lay_over(below: dict[str, Any], above: dict[str, Any]) -> None:
    for name, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(name), dict):
            _lay_over(below[name], value)
        else:
            below[name] = value


def statements(edge: dict[str, Any], signal: Signal) -> list[tuple[str, str]]:
    """Return the context and statement of each transformation of a signal, in order."""
    groups = edge["processors"]["transform/anonymise"][STATEMENTS[signal]]
    return [(group["context"], statement) for group in groups for statement in group["statements"]]


def passed(edge: dict[str, Any], signal: Signal, request: Any, environment: dict[str, str] | None = None) -> Any:
    """Return the part of an OTLP request that the edge passes, as a request."""
    whole = type(request)()
    whole.CopyFrom(request)
    resources, scopes, records = RECORDS[signal]
    groups = edge["processors"]["transform/anonymise"][STATEMENTS[signal]]
    # Like the collector: run a group over the whole body, then the next group.
    for group in groups:
        lines = [expanded(statement, environment or ENVIRONMENT) for statement in group["statements"]]
        for resource in getattr(whole, resources):
            for things in _things(signal, resource, group["context"]):
                _transform(things, lines)
    conditions = edge["processors"]["filter/reporting"][signal.value]
    for resource in getattr(whole, resources):
        for scope in getattr(resource, scopes):
            _drop(getattr(scope, records), next(iter(conditions.values())))
            for span in scope.spans if signal is Signal.TRACES else ():
                _drop(span.events, conditions["spanevent"])
    return whole


def _things(signal: Signal, resource: Any, context: str) -> Iterator[dict[str, Any]]:
    """Yield what the statements of a context run on: messages by the name with which paths begin."""
    _, scopes, records = RECORDS[signal]
    if context == "resource":
        yield {"resource": resource.resource}
        return
    for scope in getattr(resource, scopes):
        if context == "scope":
            yield {"scope": scope.scope}
            continue
        for record in getattr(scope, records):
            for one in _within(record, context):
                yield {context: one, "resource": resource.resource}


def _within(record: Any, context: str) -> Iterator[Any]:
    if context == "spanevent":
        yield from record.events
    elif context in {"datapoint", "exemplar"}:
        points = getattr(record, record.WhichOneof("data")).data_points
        yield from points if context == "datapoint" else (one for point in points for one in point.exemplars)
    else:
        yield record


def _transform(things: dict[str, Any], lines: list[str]) -> None:
    scope: Scope = {name: _read(thing) for name, thing in things.items()}
    for line in lines:
        run(line, scope)
    for name, thing in things.items():
        _write(thing, scope[name])


def _attributes_field(thing: Any) -> str:
    return "filtered_attributes" if "filtered_attributes" in thing.DESCRIPTOR.fields_by_name else "attributes"


def _read(thing: Any) -> dict[str, Any]:
    read: dict[str, Any] = {"cache": {}}
    if "attributes" in thing.DESCRIPTOR.fields_by_name or "filtered_attributes" in thing.DESCRIPTOR.fields_by_name:
        field = _attributes_field(thing)
        read[field] = {pair.key: _value(pair.value) for pair in getattr(thing, field)}
    if "status" in thing.DESCRIPTOR.fields_by_name:
        read["status"] = {}
    return read


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind in {"string_value", "int_value", "double_value", "bool_value"} else value


def _write(thing: Any, read: dict[str, Any]) -> None:
    for name, value in read.items():
        if name in {"attributes", "filtered_attributes"}:
            _write_attributes(getattr(thing, name), value)
        elif name == "body":
            thing.body.string_value = value
        elif name == "status":
            for inner, text in value.items():
                setattr(thing.status, inner, text)
        elif name != "cache":
            setattr(thing, name, value)


def _write_attributes(pairs: Any, attributes: dict[str, Any]) -> None:
    del pairs[:]
    for name, value in attributes.items():
        pair = pairs.add(key=name)
        if isinstance(value, bool):
            pair.value.bool_value = value
        elif isinstance(value, str | int | float):
            setattr(pair.value, {str: "string_value", int: "int_value", float: "double_value"}[type(value)], value)
        else:
            pair.value.CopyFrom(value)


def _drop(records: Any, conditions: list[str]) -> None:
    kept = []
    for record in records:
        scope: Scope = {"name": getattr(record, "name", "")}
        if "attributes" in record.DESCRIPTOR.fields_by_name:
            scope["attributes"] = {pair.key: _value(pair.value) for pair in record.attributes}
        if "status" in record.DESCRIPTOR.fields_by_name:
            scope |= {"status": {"code": record.status.code}, "STATUS_CODE_ERROR": Status.STATUS_CODE_ERROR}
        if not any(holds(condition, scope) for condition in conditions):
            kept.append(record)
    copies = [type(record)() for record in kept]
    for copy, record in zip(copies, kept, strict=True):
        copy.CopyFrom(record)
    del records[:]
    records.extend(copies)
