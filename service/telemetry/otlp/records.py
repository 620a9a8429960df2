"""The neutral records that both encodings of OTLP are decoded into."""

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

AttributeValue: TypeAlias = str | int | float | bool | None
Attributes: TypeAlias = dict[str, AttributeValue]


class Signal(StrEnum):
    """The three OTLP signals, as their paths name them."""

    LOGS = "logs"
    METRICS = "metrics"
    TRACES = "traces"


class TelemetryRecord(Struct, frozen=True, gc=False):
    """What all signals have in common, with the wanted attributes.

    A value that is empty, a list or a map reads as None. Times are nanoseconds since 1970: 0 where not told, negative
    where unreadable. Nothing refers back to a record, so the collector of cycles is spared the look.
    """

    resource: Attributes
    scope: str
    attributes: Attributes
    time_unix_nano: int
    observed_time_unix_nano: int = 0


class Record(TelemetryRecord, frozen=True, gc=False):
    """One log record."""

    event_name: str = ""


class Span(TelemetryRecord, frozen=True, kw_only=True, gc=False):
    """One span; its time is when it ended, its start 0 where not told.

    Ids are hexadecimal digits, `parent_id` is empty for a root. `is_error` is its status.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_time_unix_nano: int = 0
    is_error: bool = False


class Point(TelemetryRecord, frozen=True, kw_only=True, gc=False):
    """One data point of a sum, or the sum of a histogram's; its time is the end of what it covers.

    `series` digests everything that tells this series from others but its start; `group` the same without the
    instrument's name and the attributes that only divide one request's tokens.
    """

    name: str
    start_time_unix_nano: int
    value: int | float
    is_cumulative: bool
    series: bytes
    group: bytes
