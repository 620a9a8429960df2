"""OTLP JSON bodies. What these structs do not name is skipped without being built, however large or deep it is."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from msgspec import Struct

from schema.errors import BadInputError
from service.telemetry.records import Attributes, AttributeValue, Record, Signal

UNREADABLE_TIME = -1


class _AnyValue(Struct, rename="camel"):
    string_value: str | None = None
    int_value: int | str | None = None
    double_value: float | int | str | None = None
    bool_value: bool | None = None


class _KeyValue(Struct):
    key: str = ""
    value: _AnyValue | None = None


class _Resource(Struct):
    attributes: list[_KeyValue] | None = None


class _Scope(Struct):
    name: str | None = None


class _LogRecord(Struct, rename="camel"):
    time_unix_nano: int | str | None = None
    observed_time_unix_nano: int | str | None = None
    event_name: str | None = None
    attributes: list[_KeyValue] | None = None


class _ScopeLogs(Struct, rename="camel"):
    scope: _Scope | None = None
    log_records: list[_LogRecord] | None = None


class _ResourceLogs(Struct, rename="camel"):
    resource: _Resource | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _LogsRequest(Struct, rename="camel"):
    resource_logs: list[_ResourceLogs] | None = None


class _Unread(Struct):
    """Checked to be an object, and otherwise skipped."""


class _MetricsRequest(Struct, rename="camel"):
    resource_metrics: list[_Unread] | None = None


class _TracesRequest(Struct, rename="camel"):
    resource_spans: list[_Unread] | None = None


_DECODERS: dict[Signal, msgspec.json.Decoder[Any]] = {
    Signal.LOGS: msgspec.json.Decoder(_LogsRequest),
    Signal.METRICS: msgspec.json.Decoder(_MetricsRequest),
    Signal.TRACES: msgspec.json.Decoder(_TracesRequest),
}


def decode_json(signal: Signal, body: bytes, wanted: AbstractSet[str]) -> Iterator[Record]:
    """The log records of a body; none for metrics and traces. Raises BadInputError when the body is no such request."""
    try:
        request = _DECODERS[signal].decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInputError(f"the body is no OTLP JSON request of {signal}") from error
    return _records(request, wanted) if isinstance(request, _LogsRequest) else iter(())


def _records(request: _LogsRequest, wanted: AbstractSet[str]) -> Iterator[Record]:
    for resource_logs in request.resource_logs or ():
        resource = _attributes(resource_logs.resource.attributes if resource_logs.resource else None, wanted)
        for scope_logs in resource_logs.scope_logs or ():
            scope = (scope_logs.scope.name if scope_logs.scope else None) or ""
            for record in scope_logs.log_records or ():
                yield Record(
                    resource=resource,
                    scope=scope,
                    event_name=record.event_name or "",
                    attributes=_attributes(record.attributes, wanted),
                    time_unix_nano=_nanoseconds(record.time_unix_nano),
                    observed_time_unix_nano=_nanoseconds(record.observed_time_unix_nano),
                )


def _attributes(attributes: Iterable[_KeyValue] | None, wanted: AbstractSet[str]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in attributes or () if pair.key in wanted}


def _value(value: _AnyValue | None) -> AttributeValue:
    """An AnyValue may have nothing set. Numbers may be strings; one that is unreadable stays text, to be refused."""
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return _number(value.int_value, int)
    if value.double_value is not None:
        return _number(value.double_value, float)
    return value.bool_value


def _number(value: float | str, kind: type[int | float]) -> AttributeValue:
    try:
        return kind(value)
    except (ValueError, OverflowError):
        return str(value)


def _nanoseconds(value: int | str | None) -> int:
    if value is None:
        return 0
    try:
        return int(value)
    except ValueError:
        return UNREADABLE_TIME
