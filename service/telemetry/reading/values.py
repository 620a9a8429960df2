"""Reading one record: its own attributes, its resource's, its counts and its time."""

from datetime import UTC, datetime, timedelta

from schema.contracts.token_event import LONGEST_MILLISECONDS, MAXIMUM_TOKENS
from service.telemetry.otlp.records import AttributeValue, TelemetryRecord
from service.telemetry.reading.normalised import UnusableRecordError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a bulk may tell: outside these years a day's ledger would be made for a day that never was.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# What OTLP may tell: before, no agent sent any; and nothing is told before it happens, but by a clock a little ahead.
FIRST_AGENTS = datetime(2023, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)


def text_of(record: TelemetryRecord, name: str) -> str | None:
    """An attribute as text: the record's own, else its resource's (OTEL_RESOURCE_ATTRIBUTES); None when empty."""
    value = record.attributes.get(name)
    if value is not None and (text := str(value).strip()):
        return text
    value = record.resource.get(name)
    return None if value is None else str(value).strip() or None


def own(record: TelemetryRecord, name: str) -> str | None:
    """An attribute of the record itself as text; None when empty."""
    value = record.attributes.get(name)
    return None if value is None else str(value).strip() or None


def count(record: TelemetryRecord, *names: str) -> int:
    """A token count of the record by the first of its names that is told, 0 where none is.

    Sources send numbers, and strings of digits. Raises UnusableRecordError as `whole_number` does.
    """
    for name in names:
        value = record.attributes.get(name)
        if value is not None:
            return whole_number(value)
    return 0


def whole_number(value: AttributeValue) -> int:
    """A count of tokens; raises UnusableRecordError when it is negative, absurd, or no whole number."""
    if type(value) is int and 0 <= value <= MAXIMUM_TOKENS:
        return value
    try:
        number = int(value or 0)
    except (ValueError, OverflowError):  # text, NaN or infinity
        raise UnusableRecordError from None
    if not 0 <= number <= MAXIMUM_TOKENS or isinstance(value, bool) or (isinstance(value, float) and value != number):
        raise UnusableRecordError
    return number


def milliseconds(record: TelemetryRecord, *names: str) -> int | None:
    """A duration by the first of its names that is told, in whole milliseconds; None where it makes no sense.

    Sources send numbers, and strings of them.
    """
    for name in names:
        value = record.attributes.get(name)
        if value is not None:
            if type(value) is int and 0 <= value <= LONGEST_MILLISECONDS:
                return value
            try:
                return sensible_milliseconds(float(value))
            except ValueError:
                return None
    return None


def sensible_milliseconds(duration: float) -> int | None:
    """A duration in whole milliseconds, or None when it is negative, endless or no number."""
    return round(duration) if 0 <= duration <= LONGEST_MILLISECONDS else None


def moment_nanoseconds(record: TelemetryRecord) -> int:
    """When it happened, else when it was observed (some agents leave the first at 0); 0 when neither is told."""
    return record.time_unix_nano or record.observed_time_unix_nano
