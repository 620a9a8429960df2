"""OTLP/HTTP responses, in the encoding of the request.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-response: 200 with an Export…ServiceResponse, which reports partial
success when records were rejected; errors as google.rpc.Status.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from litestar import Request, Response
from litestar.background_tasks import BackgroundTask
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from service.errors import UnsupportedMediaTypeError
from service.http.problems import handle_error
from service.telemetry.counts import intake_counts
from service.telemetry.otlp.decode import Encoding
from service.telemetry.otlp.records import Signal

REJECTED = "Some records have an invalid token count or time and were rejected. The others were stored."

# The response message of each signal, and the name of its field for rejected records.
_ANSWERS: dict[Signal, tuple[type[Message], str]] = {
    Signal.LOGS: (ExportLogsServiceResponse, "rejectedLogRecords"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejectedDataPoints"),
    Signal.TRACES: (ExportTraceServiceResponse, "rejectedSpans"),
}

# google.rpc.Code by HTTP status; any other status maps to INTERNAL.
INTERNAL = 13
CODES: dict[int, int] = {
    HTTPStatus.BAD_REQUEST: 3,
    HTTPStatus.UNAUTHORIZED: 16,
    HTTPStatus.FORBIDDEN: 7,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: 11,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: 3,
    HTTPStatus.TOO_MANY_REQUESTS: 8,
    HTTPStatus.SERVICE_UNAVAILABLE: 14,
}
_CODE_FIELD, _MESSAGE_FIELD = b"\x08", b"\x12"


def encoding_of(request: Request[Any, Any, Any]) -> Encoding:
    """Return the encoding of the body. Raises UnsupportedMediaTypeError for other media types."""
    try:
        return Encoding(_media_type(request))
    except ValueError:
        raise UnsupportedMediaTypeError(
            f"The content type is not supported. Send {Encoding.PROTOBUF} or {Encoding.JSON}."
        ) from None


def _media_type(request: Request[Any, Any, Any]) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def success_response(
    signal: Signal, encoding: Encoding, rejected: int, background: BackgroundTask | None = None
) -> Response[bytes]:
    """Return the response to a stored body in which `rejected` records, spans or data points were rejected."""
    answer, name = _ANSWERS[signal]
    # Protobuf's JSON mapping writes an int64 as a string.
    partial_success = {"partialSuccess": {name: str(rejected), "errorMessage": REJECTED}} if rejected else {}
    content = msgspec.json.encode(partial_success)
    if encoding is Encoding.PROTOBUF:
        content = ParseDict(partial_success, answer()).SerializeToString() if partial_success else b""
    return Response(content, status_code=HTTPStatus.OK, media_type=encoding, background=background)


def error_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return an error as google.rpc.Status, with the HTTP status and headers that other endpoints send for it."""
    problem = handle_error(request, error)
    reason = str(problem.content["title"]).lower().replace(" ", "-")
    intake_counts(request.app.state).refuse(Signal(request.url.path.rstrip("/").rpartition("/")[2]), reason)
    code = CODES.get(problem.status_code or 0, INTERNAL)
    message = str(problem.content["detail"])
    protobuf = _media_type(request) == Encoding.PROTOBUF
    return Response(
        _status_message(code, message) if protobuf else msgspec.json.encode({"code": code, "message": message}),
        status_code=problem.status_code,
        media_type=Encoding.PROTOBUF if protobuf else Encoding.JSON,
        headers=problem.headers,
    )


def _status_message(code: int, message: str) -> bytes:
    """Encode google.rpc.Status {int32 code = 1; string message = 2} by hand: no installed package defines it."""
    text = message.encode()
    return _CODE_FIELD + _varint(code) + _MESSAGE_FIELD + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
