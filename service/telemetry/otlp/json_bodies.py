"""OTLP JSON bodies. The decoder skips everything that the shapes do not name, however large or deep it is.

Attributes of records are decoded record by record, so that a large body is not in memory as objects.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from service.telemetry.otlp import json_shapes as shapes
from service.telemetry.otlp.limits import Messages, limit_attributes
from service.telemetry.otlp.records import Attributes, AttributeValue, Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.otlp.series import LONG, Pair, canonical, canonical_nested, identify
from service.telemetry.otlp.wanted import Wanted

UNREADABLE_TIME = -1
# The enum's number, and the name that some emitters write.
DELTA = {"1", "AGGREGATION_TEMPORALITY_DELTA"}
ERROR = {"2", "STATUS_CODE_ERROR"}

_DECODERS: dict[Signal, msgspec.json.Decoder[Any]] = {
    Signal.LOGS: msgspec.json.Decoder(shapes.LogsRequest),
    Signal.METRICS: msgspec.json.Decoder(shapes.MetricsRequest),
    Signal.TRACES: msgspec.json.Decoder(shapes.TracesRequest),
}
_ATTRIBUTES = msgspec.json.Decoder(list[shapes.KeyValue] | None)
_POINT_ATTRIBUTES = msgspec.json.Decoder(list[shapes.MetricAttribute] | None)
# Objects of JSON for each message that a body may hold: an attribute is two.
OBJECTS = 5


def decode_json(signal: Signal, body: bytes, wanted: Wanted, messages: Messages) -> Iterator[Iterator[TelemetryRecord]]:
    """Yield the records, spans or data points of a body.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError if it is not a valid request, and TooLargeError
    beyond a limit.
    """
    # An upper limit of the objects that the decoder makes; braces within texts count, too.
    messages.check(body.count(b"{") // OBJECTS)
    request = _DECODERS[signal].decode(body)
    if isinstance(request, shapes.LogsRequest):
        yield _records(request, wanted, messages)
    elif isinstance(request, shapes.TracesRequest):
        yield _spans(request, wanted, messages)
    else:
        yield _points(request, wanted, messages)


def _records(request: shapes.LogsRequest, wanted: Wanted, messages: Messages) -> Iterator[Record]:
    messages.add_above(len(request.resource_logs or ()))
    for resource_logs in request.resource_logs or ():
        resource = _attributes(resource_logs.resource.attributes if resource_logs.resource else None, wanted)
        messages.add_above(len(resource_logs.scope_logs or ()))
        for scope_logs in resource_logs.scope_logs or ():
            scope = (scope_logs.scope.name if scope_logs.scope else None) or ""
            messages.add(len(scope_logs.log_records or ()))
            for record in scope_logs.log_records or ():
                yield Record(
                    resource=resource,
                    scope=scope,
                    event_name=record.event_name or "",
                    attributes=_attributes(_own(record.attributes), wanted),
                    time_unix_nano=_nanoseconds(record.time_unix_nano),
                    observed_time_unix_nano=_nanoseconds(record.observed_time_unix_nano),
                )


def _spans(request: shapes.TracesRequest, wanted: Wanted, messages: Messages) -> Iterator[Span]:
    messages.add_above(len(request.resource_spans or ()))
    for resource_spans in request.resource_spans or ():
        resource = _attributes(resource_spans.resource.attributes if resource_spans.resource else None, wanted)
        messages.add_above(len(resource_spans.scope_spans or ()))
        for scope_spans in resource_spans.scope_spans or ():
            scope = (scope_spans.scope.name if scope_spans.scope else None) or ""
            version = (scope_spans.scope.version if scope_spans.scope else None) or ""
            messages.add(len(scope_spans.spans or ()))
            for span in scope_spans.spans or ():
                # Spans below others are kept without attributes too: they show which spans nest.
                if (attributes := _attributes(_own(span.attributes), wanted)) or span.parent_span_id:
                    yield Span(
                        resource=resource,
                        scope=scope,
                        name=span.name or "",
                        attributes=attributes,
                        time_unix_nano=_nanoseconds(span.end_time_unix_nano) or _nanoseconds(span.start_time_unix_nano),
                        trace_id=(span.trace_id or "").lower(),
                        span_id=(span.span_id or "").lower(),
                        parent_id=(span.parent_span_id or "").lower(),
                        start_time_unix_nano=_nanoseconds(span.start_time_unix_nano),
                        is_error=span.status is not None and str(span.status.code) in ERROR,
                        scope_version=version,
                    )


def _points(request: shapes.MetricsRequest, wanted: Wanted, messages: Messages) -> Iterator[Point]:
    messages.add_above(len(request.resource_metrics or ()))
    for resource_metrics in request.resource_metrics or ():
        attributes = (resource_metrics.resource.attributes if resource_metrics.resource else None) or []
        resource, whole_resource = _attributes(attributes, wanted), canonical(_pairs(attributes))
        messages.add_above(len(resource_metrics.scope_metrics or ()))
        for scope_metrics in resource_metrics.scope_metrics or ():
            scope = (scope_metrics.scope.name if scope_metrics.scope else None) or ""
            version = (scope_metrics.scope.version if scope_metrics.scope else None) or ""
            messages.add(len(scope_metrics.metrics or ()))
            for metric in scope_metrics.metrics or ():
                name, data = metric.name or "", metric.sum or metric.histogram or metric.exponential_histogram
                if data is None or not wanted.takes(name):
                    continue
                messages.add(len(data.data_points or ()))
                for point in data.data_points or ():
                    own = _own_of_point(point.attributes)
                    found = _attributes(own, wanted)
                    identity = identify(whole_resource, scope, name, _pairs(own))
                    yield Point(
                        resource=resource,
                        scope=scope,
                        name=name,
                        attributes=found,
                        time_unix_nano=_nanoseconds(point.time_unix_nano),
                        start_time_unix_nano=_nanoseconds(point.start_time_unix_nano),
                        value=_counted(point),
                        is_cumulative=str(data.aggregation_temporality) not in DELTA,
                        series=identity.series,
                        group=identity.group,
                        is_histogram=metric.sum is None,
                        scope_version=version,
                    )


def _own(attributes: msgspec.Raw) -> Sequence[shapes.KeyValue]:
    """Decode the attributes of one log record or span, whose decoder left them as they were sent."""
    return (_ATTRIBUTES.decode(attributes) if attributes else None) or ()


def _own_of_point(attributes: msgspec.Raw) -> Sequence[shapes.MetricAttribute]:
    return (_POINT_ATTRIBUTES.decode(attributes) if attributes else None) or ()


def _attributes(attributes: Sequence[shapes.KeyValue | shapes.MetricAttribute] | None, wanted: Wanted) -> Attributes:
    attributes = attributes or ()
    limit_attributes(len(attributes))
    names = wanted.attributes
    return {pair.key: _value(pair.value) for pair in attributes if pair.key in names}


def _value(value: shapes.AnyValue | None) -> AttributeValue:
    """Return a value, None if nothing is set. Numbers may be strings; an unreadable one stays text, to be refused."""
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return _number(value.int_value, int)
    if value.double_value is not None:
        return _number(value.double_value, float)
    return value.bool_value


def _pairs(attributes: Iterable[shapes.MetricAttribute]) -> list[Pair]:
    """Return all attributes, for the digest only."""
    return [(pair.key, _digestible(pair.value)) for pair in attributes]


def _digestible(value: shapes.MetricValue | None) -> AttributeValue | bytes:
    nested = (value.array_value or value.kvlist_value) if value is not None else None
    if not nested:
        return _value(value)
    if len(bytes(nested)) > LONG:
        return bytes(nested)
    try:
        return canonical_nested(msgspec.json.decode(nested))
    except RecursionError:
        return bytes(nested)


def _counted(point: shapes.DataPoint) -> int | float:
    """Return the point's value; a text that is not a number becomes NaN, which is refused later."""
    if point.as_int is not None:
        value = _number(point.as_int, int)
    else:
        number = point.sum if point.as_double is None else point.as_double
        value = 0 if number is None else _number(number, float)
    return value if isinstance(value, int | float) else float("nan")


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
