"""Values of protobuf attributes: scalars, and lists and maps that are bytes until they are known to be small."""

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import ArrayValue, KeyValueList

from service.telemetry.otlp.records import AttributeValue
from service.telemetry.otlp.series import LONG, canonical_nested

SCALARS = frozenset({"string_value", "int_value", "double_value", "bool_value"})
NESTED: dict[str, type[Message]] = {"array_value": ArrayValue, "kvlist_value": KeyValueList}


def scalar(value: Any) -> AttributeValue:
    """Return a scalar value, or None if it is empty, a list or a map."""
    kind = value.WhichOneof("value")
    found: AttributeValue = getattr(value, kind) if kind in SCALARS else None
    return found


def scalar_of_valid(value: Any) -> AttributeValue:
    """Return the same. Raises DecodeError for a list or map that is invalid, such as one nested too deeply."""
    kind = value.WhichOneof("value")
    if kind in NESTED and len(nested := getattr(value, kind)) <= LONG:
        NESTED[kind].FromString(nested)
    return scalar(value)


def digestible(value: Any) -> AttributeValue | bytes:
    """Return a value for the digest of a series; a long list or map by its bytes. Raises DecodeError."""
    kind = value.WhichOneof("value")
    if kind is None or kind in SCALARS:
        return scalar(value)
    sent: bytes = getattr(value, kind)
    if kind not in NESTED or len(sent) > LONG:
        return sent
    return canonical_nested(MessageToDict(NESTED[kind].FromString(sent)))
