"""The parts of OTLP JSON requests that are read. The decoder skips fields that these structs do not name."""

import msgspec
from msgspec import Struct

Integer = int | str | None
Number = float | int | str | None


class AnyValue(Struct, rename="camel"):
    """An attribute's value; lists and maps are skipped."""

    string_value: str | None = None
    int_value: Integer = None
    double_value: Number = None
    bool_value: bool | None = None


class KeyValue(Struct):
    """An attribute."""

    key: str = ""
    value: AnyValue | None = None


class Resource(Struct):
    """The process or service that sent telemetry."""

    attributes: list[KeyValue] | None = None


class Scope(Struct):
    """The instrumentation that created a record."""

    name: str | None = None
    version: str | None = None


class LogRecord(Struct, rename="camel"):
    """A log record without its body."""

    time_unix_nano: Integer = None
    observed_time_unix_nano: Integer = None
    event_name: str | None = None
    attributes: msgspec.Raw = msgspec.Raw()


class ScopeLogs(Struct, rename="camel"):
    """The log records of one scope."""

    scope: Scope | None = None
    log_records: list[LogRecord] | None = None


class ResourceLogs(Struct, rename="camel"):
    """The log records of one resource."""

    resource: Resource | None = None
    scope_logs: list[ScopeLogs] | None = None


class LogsRequest(Struct, rename="camel"):
    """The body of /v1/logs."""

    resource_logs: list[ResourceLogs] | None = None


class Status(Struct):
    """How a span ended. The code is a number or its name."""

    code: Integer = None


class Span(Struct, rename="camel"):
    """A span without its events and links."""

    name: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    start_time_unix_nano: Integer = None
    end_time_unix_nano: Integer = None
    attributes: msgspec.Raw = msgspec.Raw()
    status: Status | None = None


class ScopeSpans(Struct, rename="camel"):
    """The spans of one scope."""

    scope: Scope | None = None
    spans: list[Span] | None = None


class ResourceSpans(Struct, rename="camel"):
    """The spans of one resource."""

    resource: Resource | None = None
    scope_spans: list[ScopeSpans] | None = None


class TracesRequest(Struct, rename="camel"):
    """The body of /v1/traces."""

    resource_spans: list[ResourceSpans] | None = None


class MetricValue(AnyValue, rename="camel"):
    """An attribute's value; lists and maps are kept as sent, to distinguish series."""

    array_value: msgspec.Raw = msgspec.Raw()
    kvlist_value: msgspec.Raw = msgspec.Raw()


class MetricAttribute(Struct):
    """An attribute of a metric or its resource."""

    key: str = ""
    value: MetricValue | None = None


class MetricResource(Struct):
    """The process or service that sent metrics."""

    attributes: list[MetricAttribute] | None = None


class DataPoint(Struct, rename="camel"):
    """A point of a sum (as…) or of a histogram (sum)."""

    start_time_unix_nano: Integer = None
    time_unix_nano: Integer = None
    as_int: Integer = None
    as_double: Number = None
    sum: Number = None
    attributes: msgspec.Raw = msgspec.Raw()


class Data(Struct, rename="camel"):
    """A sum or a histogram. The temporality is a number or its name."""

    aggregation_temporality: Integer = None
    data_points: list[DataPoint] | None = None


class Metric(Struct, rename="camel"):
    """One instrument; gauges and summaries are skipped."""

    name: str | None = None
    sum: Data | None = None
    histogram: Data | None = None
    exponential_histogram: Data | None = None


class ScopeMetrics(Struct, rename="camel"):
    """The metrics of one scope."""

    scope: Scope | None = None
    metrics: list[Metric] | None = None


class ResourceMetrics(Struct, rename="camel"):
    """The metrics of one resource."""

    resource: MetricResource | None = None
    scope_metrics: list[ScopeMetrics] | None = None


class MetricsRequest(Struct, rename="camel"):
    """The body of /v1/metrics."""

    resource_metrics: list[ResourceMetrics] | None = None
