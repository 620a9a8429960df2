"""OTLP protobuf bodies, parsed by upb piece by piece."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from service.telemetry.otlp.attributes import AttributeReader
from service.telemetry.otlp.limits import Messages, limit_attributes
from service.telemetry.otlp.protobuf_pieces import pieces
from service.telemetry.otlp.protobuf_shapes import LogsRequest, MetricsRequest, TracesRequest
from service.telemetry.otlp.protobuf_values import digestible, scalar_of_valid
from service.telemetry.otlp.records import Attributes, Point, Record, Signal, Span, TelemetryRecord
from service.telemetry.otlp.series import Pair, canonical, identify
from service.telemetry.otlp.wanted import Wanted

_REQUESTS: dict[Signal, type[Message]] = {
    Signal.LOGS: LogsRequest,
    Signal.METRICS: MetricsRequest,
    Signal.TRACES: TracesRequest,
}
# Histograms count too: their data points hold a sum. Gauges do not count.
_COUNTS = {"sum", "histogram", "exponential_histogram"}


class _Body:
    """What the pieces of one body share."""

    def __init__(self, wanted: Wanted, messages: Messages) -> None:
        self.wanted = wanted
        self.count, self.count_above = messages.add, messages.add_above
        self.resource = AttributeReader(wanted).read
        self.attributes = AttributeReader(wanted).read


def decode_protobuf(
    signal: Signal, body: bytes, wanted: Wanted, messages: Messages
) -> Iterator[Iterator[TelemetryRecord]]:
    """Yield the records, spans or data points of each piece of a body.

    Raises DecodeError or UnicodeDecodeError if the body is not a valid request, and TooLargeError beyond a limit.
    """
    shared, read = _Body(wanted, messages), _READERS[signal]
    for piece in pieces(signal, body, messages.check):
        # Generated message classes are only known at run time.
        request: Any = _REQUESTS[signal]()
        request.ParseFromString(piece)
        yield read(request, shared)


def _records(request: Any, body: _Body) -> Iterator[Record]:
    body.count_above(len(request.resource_logs))
    for resource_logs in request.resource_logs:
        resource = body.resource(resource_logs.resource.attributes)
        body.count_above(len(resource_logs.scope_logs))
        for scope_logs in resource_logs.scope_logs:
            scope, records = scope_logs.scope.name, scope_logs.log_records
            body.count(len(records))
            attributes = body.attributes
            for record in records:
                # Positional, because this runs for every record: keyword arguments would double the cost.
                yield Record(
                    resource,
                    scope,
                    attributes(record.attributes),
                    record.time_unix_nano,
                    record.observed_time_unix_nano,
                    record.event_name,
                )


def _spans(request: Any, body: _Body) -> Iterator[Span]:
    body.count_above(len(request.resource_spans))
    for resource_spans in request.resource_spans:
        resource = body.resource(resource_spans.resource.attributes)
        body.count_above(len(resource_spans.scope_spans))
        for scope_spans in resource_spans.scope_spans:
            scope, version, of_scope = scope_spans.scope.name, scope_spans.scope.version, scope_spans.spans
            body.count(len(of_scope))
            for span in of_scope:
                # Spans below others are kept without attributes too: they show which spans nest.
                if (found := body.attributes(span.attributes)) or span.parent_span_id:
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


def _points(request: Any, body: _Body) -> Iterator[Point]:
    body.count_above(len(request.resource_metrics))
    wanted = body.wanted
    for resource_metrics in request.resource_metrics:
        resource = _attributes(resource_metrics.resource.attributes, wanted)
        whole_resource = canonical(_pairs(resource_metrics.resource.attributes))
        body.count_above(len(resource_metrics.scope_metrics))
        for scope_metrics in resource_metrics.scope_metrics:
            scope, version, metrics = scope_metrics.scope.name, scope_metrics.scope.version, scope_metrics.metrics
            body.count(len(metrics))
            for metric in metrics:
                kind = metric.WhichOneof("data")
                if kind not in _COUNTS or not wanted.takes(metric.name):
                    continue
                data = getattr(metric, kind)
                body.count(len(data.data_points))
                for point in data.data_points:
                    own = _attributes(point.attributes, wanted)
                    identity = identify(whole_resource, scope, metric.name, _pairs(point.attributes))
                    yield Point(
                        resource=resource,
                        scope=scope,
                        name=metric.name,
                        attributes=own,
                        time_unix_nano=point.time_unix_nano,
                        start_time_unix_nano=point.start_time_unix_nano,
                        value=_number(point) if kind == "sum" else point.sum,
                        is_cumulative=data.aggregation_temporality != AGGREGATION_TEMPORALITY_DELTA,
                        series=identity.series,
                        group=identity.group,
                        is_histogram=kind != "sum",
                        scope_version=version,
                    )


_READERS: dict[Signal, Callable[[Any, _Body], Iterator[TelemetryRecord]]] = {
    Signal.LOGS: _records,
    Signal.METRICS: _points,
    Signal.TRACES: _spans,
}


def _attributes(attributes: Any, wanted: Wanted) -> Attributes:
    limit_attributes(len(attributes))
    names = wanted.attributes
    return {key: scalar_of_valid(pair.value) for pair in attributes if (key := pair.key) in names}


def _pairs(attributes: Iterable[Any]) -> list[Pair]:
    """Return all attributes, for the digest only."""
    return [(pair.key, digestible(pair.value)) for pair in attributes]


def _number(point: Any) -> int | float:
    kind = point.WhichOneof("value")
    value: int | float = getattr(point, kind) if kind else 0
    return value
