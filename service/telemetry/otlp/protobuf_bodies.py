"""OTLP protobuf bodies, parsed by upb."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from schema.errors import BadInputError
from service.telemetry.otlp.attributes import SCALARS, AttributeReader, scalar
from service.telemetry.otlp.protobuf_shapes import LogsRequest, TracesRequest
from service.telemetry.otlp.records import Attributes, AttributeValue, Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.otlp.series import Pair, canonical, canonical_nested, identify
from service.telemetry.otlp.wanted import Wanted

_REQUESTS: dict[Signal, type[Message]] = {
    Signal.LOGS: LogsRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.TRACES: TracesRequest,
}
# Histograms count too: their data points hold a sum. Gauges do not count.
_COUNTS = {"sum", "histogram", "exponential_histogram"}


def decode_protobuf(signal: Signal, body: bytes, wanted: Wanted) -> list[TelemetryRecord]:
    """Return the records, spans or data points of a body. Raises BadInputError if it is not a valid request."""
    # Generated message classes are only known at run time.
    request: Any = _REQUESTS[signal]()
    try:
        request.ParseFromString(body)
        return list(_READERS[signal](request, wanted))
    except (DecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"The body is not a valid OTLP protobuf request for {signal}.") from error


def _records(request: Any, wanted: Wanted) -> Iterator[Record]:
    resources, attributes = AttributeReader(wanted), AttributeReader(wanted)
    for resource_logs in request.resource_logs:
        resource = resources.read(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            scope = scope_logs.scope.name
            for record in scope_logs.log_records:
                # Positional, because this runs for every record: keyword arguments would double the cost.
                yield Record(
                    resource,
                    scope,
                    attributes.read(record.attributes),
                    record.time_unix_nano,
                    record.observed_time_unix_nano,
                    record.event_name,
                )


def _spans(request: Any, wanted: Wanted) -> Iterator[Span]:
    resources, attributes = AttributeReader(wanted), AttributeReader(wanted)
    for resource_spans in request.resource_spans:
        resource = resources.read(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope, version = scope_spans.scope.name, scope_spans.scope.version
            for span in scope_spans.spans:
                # Spans below others are kept without attributes too: they show which spans nest.
                if (found := attributes.read(span.attributes)) or span.parent_span_id:
                    yield Span(
                        resource=resource,
                        scope=scope,
                        name=span.name,
                        attributes=found,
                        time_unix_nano=span.end_time_unix_nano or span.start_time_unix_nano,
                        trace_id=span.trace_id.hex(),
                        span_id=span.span_id.hex(),
                        parent_id=span.parent_span_id.hex(),
                        start_time_unix_nano=span.start_time_unix_nano,
                        is_error=span.status.code == Status.STATUS_CODE_ERROR,
                        scope_version=version,
                    )


def _points(request: Any, wanted: Wanted) -> Iterator[Point]:
    for resource_metrics in request.resource_metrics:
        resource = _attributes(resource_metrics.resource.attributes, wanted)
        whole_resource = canonical(_pairs(resource_metrics.resource.attributes))
        for scope_metrics in resource_metrics.scope_metrics:
            scope, version = scope_metrics.scope.name, scope_metrics.scope.version
            for metric in scope_metrics.metrics:
                kind = metric.WhichOneof("data")
                if kind not in _COUNTS or not wanted.takes(metric.name):
                    continue
                data = getattr(metric, kind)
                for point in data.data_points:
                    identity = identify(whole_resource, scope, metric.name, _pairs(point.attributes))
                    yield Point(
                        resource=resource,
                        scope=scope,
                        name=metric.name,
                        attributes=_attributes(point.attributes, wanted),
                        time_unix_nano=point.time_unix_nano,
                        start_time_unix_nano=point.start_time_unix_nano,
                        value=_number(point) if kind == "sum" else point.sum,
                        is_cumulative=data.aggregation_temporality != AGGREGATION_TEMPORALITY_DELTA,
                        series=identity.series,
                        group=identity.group,
                        is_histogram=kind != "sum",
                        scope_version=version,
                    )


_READERS: dict[Signal, Callable[[Any, Wanted], Iterator[TelemetryRecord]]] = {
    Signal.LOGS: _records,
    Signal.METRICS: _points,
    Signal.TRACES: _spans,
}


def _attributes(attributes: Iterable[Any], wanted: Wanted) -> Attributes:
    names = wanted.attributes
    return {key: scalar(pair.value) for pair in attributes if (key := pair.key) in names}


def _pairs(attributes: Iterable[Any]) -> list[Pair]:
    """Return all attributes, for the digest only."""
    return [(pair.key, _digestible(pair.value)) for pair in attributes]


def _digestible(value: Any) -> AttributeValue | bytes:
    kind = value.WhichOneof("value")
    if kind is None or kind in SCALARS:
        return scalar(value)
    nested = getattr(value, kind)
    return nested if isinstance(nested, bytes) else canonical_nested(MessageToDict(nested))


def _number(point: Any) -> int | float:
    kind = point.WhichOneof("value")
    value: int | float = getattr(point, kind) if kind else 0
    return value
