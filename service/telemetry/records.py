"""The neutral record that both encodings of OTLP are decoded into."""

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


class Record(Struct, frozen=True, kw_only=True):
    """One log record with the wanted attributes; a value that is empty, a list or a map reads as None.

    Times are nanoseconds since 1970: 0 where not told, negative where unreadable.
    """

    resource: Attributes
    scope: str
    event_name: str
    attributes: Attributes
    time_unix_nano: int
    observed_time_unix_nano: int
