"""The records that both encodings of OTLP are decoded into."""

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
    """What all signals have in common, with the wanted attributes only.

    A value that is empty, a list or a map is None. Times are nanoseconds since 1970: 0 if missing, negative if
    unreadable. Records are in no reference cycle, so `gc=False` is safe.
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
    """One span; its time is its end, and its start is 0 if missing.

    Ids are hexadecimal digits; `parent_id` is empty for a root span. `scope_version` is that of the instrumentation.
    """

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_time_unix_nano: int = 0
    is_error: bool = False
    scope_version: str = ""


class Point(TelemetryRecord, frozen=True, kw_only=True, gc=False):
    """One data point of a sum or histogram; its time is the end of the period that it covers.

    `scope_version` is that of the instrumentation.
    `series` is a digest of everything that identifies the series, except its start; `group` omits the instrument's name
    and the attributes that only divide the tokens of one request, too.
    """

    name: str
    start_time_unix_nano: int
    value: int | float
    is_cumulative: bool
    is_histogram: bool
    series: bytes
    group: bytes
    scope_version: str = ""
