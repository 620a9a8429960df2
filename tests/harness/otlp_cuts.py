"""OTLP bodies split into single records, spans and data points, and merged in other ways."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from service.telemetry.otlp.records import Signal
from tests.harness.otlp import REQUESTS, as_protobuf

IDS = {"traceId", "spanId", "parentSpanId"}
DATA = ("sum", "gauge", "histogram", "exponential_histogram", "summary")


def signal_at(path: Path) -> Signal:
    """Return the signal in the name of a recorded body: `0001-traces.json`."""
    return Signal(path.stem.split("-")[1])


def read_body(path: Path) -> Any:
    """Return a recorded body of any encoding as a protobuf message."""
    content = path.read_bytes()
    if path.suffix == ".json":
        content = as_protobuf(json.loads(content))
    return REQUESTS[signal_at(path)].FromString(content)


def pieces(signal: Signal, request: Any) -> Iterator[Message]:
    """Yield requests with one record, span or data point each."""
    resources = {Signal.LOGS: "resource_logs", Signal.TRACES: "resource_spans", Signal.METRICS: "resource_metrics"}
    scopes = {Signal.LOGS: "scope_logs", Signal.TRACES: "scope_spans", Signal.METRICS: "scope_metrics"}
    records = {Signal.LOGS: "log_records", Signal.TRACES: "spans", Signal.METRICS: "metrics"}
    for resource in getattr(request, resources[signal]):
        for scope in getattr(resource, scopes[signal]):
            for record in getattr(scope, records[signal]):
                for one in _points(record) if signal is Signal.METRICS else [record]:
                    piece: Any = REQUESTS[signal]()
                    with_resource = getattr(piece, resources[signal]).add()
                    with_resource.resource.CopyFrom(resource.resource)
                    with_scope = getattr(with_resource, scopes[signal]).add()
                    with_scope.scope.CopyFrom(scope.scope)
                    getattr(with_scope, records[signal]).add().CopyFrom(one)
                    yield piece


def _points(metric: Any) -> Iterator[Any]:
    kind = metric.WhichOneof("data")
    for point in getattr(metric, kind).data_points if kind in DATA else ():
        one = type(metric)()
        one.CopyFrom(metric)
        data = getattr(one, kind)
        del data.data_points[:]
        data.data_points.add().CopyFrom(point)
        yield one


def written_as_json(request: Message) -> bytes:
    """Encode a request as OTLP JSON, in which ids are hexadecimal digits."""
    plain = type(request)()
    plain.CopyFrom(request)
    attributes = list(_taken_out(plain, ()))
    reported = _with_hexadecimal_ids(MessageToDict(plain))
    for place, listed in attributes:
        part = reported
        for step in place:
            part = part[step]
        part["attributes"] = listed
    return json.dumps(reported).encode()


def _taken_out(message: Any, place: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """Remove and yield lists of attributes and their places: they can be long, and are encoded faster separately."""
    for field, value in message.ListFields():
        if field.name == "attributes":
            yield place, [_attribute(each) for each in value]
            message.ClearField("attributes")
        elif field.message_type is not None:
            parts = enumerate(value) if field.is_repeated else [(None, value)]
            for index, part in parts:
                yield from _taken_out(part, (*place, field.json_name, *([] if index is None else [index])))


def _attribute(reported: Any) -> dict[str, Any]:
    if reported.key and reported.value.WhichOneof("value") == "string_value":
        return {"key": reported.key, "value": {"stringValue": reported.value.string_value}}
    return MessageToDict(reported)


def _with_hexadecimal_ids(reported: Any) -> Any:
    if isinstance(reported, list):
        return [_with_hexadecimal_ids(each) for each in reported]
    if not isinstance(reported, dict):
        return reported
    return {
        name: base64.b64decode(value).hex() if name in IDS else _with_hexadecimal_ids(value)
        for name, value in reported.items()
    }


def together(requests: Sequence[Message]) -> Message:
    """Merge requests into one."""
    whole = type(requests[0])()
    for request in requests:
        whole.MergeFrom(request)
    return whole
