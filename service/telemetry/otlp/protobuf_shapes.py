"""The parts of OTLP protobuf requests for logs and spans that are read; upb skips fields that are not named here.

https://github.com/open-telemetry/opentelemetry-proto. Attributes are KeyValue messages there and bytes here, which are
the same on the wire: most are never decoded, and repeated ones are recognised by their bytes.
"""

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "shipledger.otlp"

# The fields of each message: number and type.
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
}
_SCALARS = {
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "fixed64": FieldDescriptorProto.TYPE_FIXED64,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "string": FieldDescriptorProto.TYPE_STRING,
}


def _described() -> FileDescriptorProto:
    file = FileDescriptorProto(name="shipledger/otlp.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, content) in fields.items():
            repeated, _, kind = content.rpartition(" ")
            field = message.field.add(name=field_name, number=number)
            field.label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
            field.type = _SCALARS.get(kind, FieldDescriptorProto.TYPE_MESSAGE)
            if kind not in _SCALARS:
                field.type_name = f".{PACKAGE}.{kind}"
    return file


_POOL = DescriptorPool()
_POOL.Add(_described())


def _message(name: str) -> type[Message]:
    message: type[Message] = GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))
    return message


LogsRequest = _message("LogsRequest")
TracesRequest = _message("TracesRequest")
