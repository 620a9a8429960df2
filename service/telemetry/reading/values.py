"""Values of one record: its attributes, its resource's, its counts and its time."""

from datetime import UTC, datetime, timedelta

from service.contracts.token_event import LONGEST_MILLISECONDS
from service.telemetry.otlp.records import AttributeValue, TelemetryRecord
from service.telemetry.reading.normalised import UnusableRecordError
from vocabulary.tokens import MAXIMUM_TOKENS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Limits for OTLP: no agent sent telemetry before, and a clock may be slightly ahead.
FIRST_AGENTS = datetime(2023, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)


def text_of(record: TelemetryRecord, name: str) -> str | None:
    """Return an attribute of the record, else of its resource (OTEL_RESOURCE_ATTRIBUTES), as text; None if empty."""
    value = record.attributes.get(name)
    if value is not None and (text := str(value).strip()):
        return text
    value = record.resource.get(name)
    return None if value is None else str(value).strip() or None


def own(record: TelemetryRecord, name: str) -> str | None:
    """Return an attribute of the record itself as text; None if empty."""
    value = record.attributes.get(name)
    return None if value is None else str(value).strip() or None


def count(record: TelemetryRecord, *names: str) -> int:
    """Return the token count under the first of these names that the record has, else 0.

    Sources send numbers or strings of digits. Raises UnusableRecordError as `whole_number` does.
    """
    for name in names:
        value = record.attributes.get(name)
        if value is not None:
            return whole_number(value)
    return 0


def whole_number(value: AttributeValue) -> int:
    """Return a token count. Raises UnusableRecordError when it is negative, too large or not a whole number."""
    if type(value) is int and 0 <= value <= MAXIMUM_TOKENS:
        return value
    if isinstance(value, str) and "." in value:
        value = _decimal(value)
    try:
        number = int(value or 0)
    except (ValueError, OverflowError):  # text, NaN or infinity
        raise UnusableRecordError from None
    if not 0 <= number <= MAXIMUM_TOKENS or isinstance(value, bool) or (isinstance(value, float) and value != number):
        raise UnusableRecordError
    return number


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnusableRecordError from None


def milliseconds(record: TelemetryRecord, *names: str) -> int | None:
    """Return the duration under the first of these names that the record has, in whole milliseconds.

    Sources send numbers or strings of digits. None if there is no duration or it is invalid.
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
    """Return a duration in whole milliseconds, or None if it is negative, too long or NaN."""
    return round(duration) if 0 <= duration <= LONGEST_MILLISECONDS else None


def moment_nanoseconds(record: TelemetryRecord) -> int:
    """Return when it happened, else when it was observed (some agents send 0 for the first); 0 if neither is set."""
    return record.time_unix_nano or record.observed_time_unix_nano
