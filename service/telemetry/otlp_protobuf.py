"""OTLP protobuf bodies, parsed by upb."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from schema.errors import BadInputError
from service.telemetry.records import Attributes, AttributeValue, Record, Signal

_REQUESTS: dict[Signal, type[Message]] = {
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.TRACES: ExportTraceServiceRequest,
}
_SCALARS = frozenset({"string_value", "int_value", "double_value", "bool_value"})


def decode_protobuf(signal: Signal, body: bytes, wanted: AbstractSet[str]) -> Iterator[Record]:
    """The log records of a body; none for metrics and traces. Raises BadInputError when the body is no such request."""
    # Generated message classes are only known at run time.
    request: Any = _REQUESTS[signal]()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise BadInputError(f"the body is no OTLP protobuf request of {signal}") from error
    return _records(request, wanted) if signal is Signal.LOGS else iter(())


def _records(request: Any, wanted: AbstractSet[str]) -> Iterator[Record]:
    for resource_logs in request.resource_logs:
        resource = _attributes(resource_logs.resource.attributes, wanted)
        for scope_logs in resource_logs.scope_logs:
            scope = scope_logs.scope.name
            for record in scope_logs.log_records:
                yield Record(
                    resource=resource,
                    scope=scope,
                    event_name=record.event_name,
                    attributes=_attributes(record.attributes, wanted),
                    time_unix_nano=record.time_unix_nano,
                    observed_time_unix_nano=record.observed_time_unix_nano,
                )


def _attributes(attributes: Iterable[Any], wanted: AbstractSet[str]) -> Attributes:
    return {key: _value(pair.value) for pair in attributes if (key := pair.key) in wanted}


def _value(value: Any) -> AttributeValue:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind in _SCALARS else None
