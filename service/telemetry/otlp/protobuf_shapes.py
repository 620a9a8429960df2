"""The parts of OTLP protobuf requests that are read; upb skips fields that are not named here.

https://github.com/open-telemetry/opentelemetry-proto. Some messages there are bytes here, which are the same on the
wire. Attributes of log records and spans are: most are never decoded, and repeated ones are recognised by their bytes.
Lists and maps within a value are: however many messages they hold, none is made.
"""

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "shipledger.otlp"

# The fields of each message: number and type. Of those after "one of", a message holds the last that was sent.
MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Resource": {"attributes": (1, "repeated bytes")},
    "Scope": {"name": (1, "string"), "version": (2, "string")},
    "LogRecord": {
        "time_unix_nano": (1, "fixed64"),
        "attributes": (6, "repeated bytes"),
        "observed_time_unix_nano": (11, "fixed64"),
        "event_name": (12, "string"),
    },
    "ScopeLogs": {"scope": (1, "Scope"), "log_records": (2, "repeated LogRecord")},
    "ResourceLogs": {"resource": (1, "Resource"), "scope_logs": (2, "repeated ScopeLogs")},
    "LogsRequest": {"resource_logs": (1, "repeated ResourceLogs")},
    "Status": {"code": (3, "int32")},
    "Span": {
        "trace_id": (1, "bytes"),
        "span_id": (2, "bytes"),
        "parent_span_id": (4, "bytes"),
        "name": (5, "string"),
        "start_time_unix_nano": (7, "fixed64"),
        "end_time_unix_nano": (8, "fixed64"),
        "attributes": (9, "repeated bytes"),
        "status": (15, "Status"),
    },
    "ScopeSpans": {"scope": (1, "Scope"), "spans": (2, "repeated Span")},
    "ResourceSpans": {"resource": (1, "Resource"), "scope_spans": (2, "repeated ScopeSpans")},
    "TracesRequest": {"resource_spans": (1, "repeated ResourceSpans")},
    "AnyValue": {
        "string_value": (1, "one of string"),
        "bool_value": (2, "one of bool"),
        "int_value": (3, "one of int64"),
        "double_value": (4, "one of double"),
        "array_value": (5, "one of bytes"),
        "kvlist_value": (6, "one of bytes"),
        "bytes_value": (7, "one of bytes"),
    },
    "KeyValue": {"key": (1, "string"), "value": (2, "AnyValue")},
    "MetricResource": {"attributes": (1, "repeated KeyValue")},
    "NumberDataPoint": {
        "start_time_unix_nano": (2, "fixed64"),
        "time_unix_nano": (3, "fixed64"),
        "as_double": (4, "one of double"),
        "as_int": (6, "one of sfixed64"),
        "attributes": (7, "repeated KeyValue"),
    },
    "HistogramDataPoint": {
        "start_time_unix_nano": (2, "fixed64"),
        "time_unix_nano": (3, "fixed64"),
        "sum": (5, "double"),
        "attributes": (9, "repeated KeyValue"),
    },
    "ExponentialHistogramDataPoint": {
        "attributes": (1, "repeated KeyValue"),
        "start_time_unix_nano": (2, "fixed64"),
        "time_unix_nano": (3, "fixed64"),
        "sum": (5, "double"),
    },
    "Sum": {"data_points": (1, "repeated NumberDataPoint"), "aggregation_temporality": (2, "int32")},
    "Histogram": {"data_points": (1, "repeated HistogramDataPoint"), "aggregation_temporality": (2, "int32")},
    "ExponentialHistogram": {
        "data_points": (1, "repeated ExponentialHistogramDataPoint"),
        "aggregation_temporality": (2, "int32"),
    },
    "Metric": {
        "name": (1, "string"),
        "gauge": (5, "one of bytes"),
        "sum": (7, "one of Sum"),
        "histogram": (9, "one of Histogram"),
        "exponential_histogram": (10, "one of ExponentialHistogram"),
        "summary": (11, "one of bytes"),
    },
    "ScopeMetrics": {"scope": (1, "Scope"), "metrics": (2, "repeated Metric")},
    "ResourceMetrics": {"resource": (1, "MetricResource"), "scope_metrics": (2, "repeated ScopeMetrics")},
    "MetricsRequest": {"resource_metrics": (1, "repeated ResourceMetrics")},
}
ONE_OF, REPEATED = "one of ", "repeated "
CHOICE = "value"
CHOICES = {"Metric": "data"}
_SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "fixed64": FieldDescriptorProto.TYPE_FIXED64,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "sfixed64": FieldDescriptorProto.TYPE_SFIXED64,
    "string": FieldDescriptorProto.TYPE_STRING,
}


def _described() -> FileDescriptorProto:
    file = FileDescriptorProto(name="shipledger/otlp.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, content) in fields.items():
            kind = content.removeprefix(REPEATED).removeprefix(ONE_OF)
            is_repeated = content.startswith(REPEATED)
            field = message.field.add(name=field_name, number=number)
            field.label = FieldDescriptorProto.LABEL_REPEATED if is_repeated else FieldDescriptorProto.LABEL_OPTIONAL
            if content.startswith(ONE_OF):
                if not message.oneof_decl:
                    message.oneof_decl.add(name=CHOICES.get(name, CHOICE))
                field.oneof_index = 0
            field.type = _SCALARS.get(kind, FieldDescriptorProto.TYPE_MESSAGE)
            if kind not in _SCALARS:
                field.type_name = f".{PACKAGE}.{kind}"
    return file


_POOL = DescriptorPool()
_POOL.Add(_described())


def _message(name: str) -> type[Message]:
    message: type[Message] = GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))
    return message


AnyValue = _message("AnyValue")
KeyValue = _message("KeyValue")
LogsRequest = _message("LogsRequest")
MetricsRequest = _message("MetricsRequest")
TracesRequest = _message("TracesRequest")
