"""Reading one record: its own attributes, its resource's, its counts and its time."""

from datetime import UTC, datetime, timedelta

from schema.contracts.token_event import MAXIMUM_TOKENS
from service.telemetry.normalised import UnusableRecordError
from service.telemetry.records import AttributeValue, Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outside these years a clock is plainly wrong, and a day's ledger would be made for a day that never was.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def told(record: Record, name: str) -> str | None:
    """An attribute as text: the record's own, else its resource's (OTEL_RESOURCE_ATTRIBUTES); None when empty."""
    return _text(record.attributes.get(name)) or _text(record.resource.get(name))


def own(record: Record, name: str) -> str | None:
    """An attribute of the record itself as text; None when empty."""
    return _text(record.attributes.get(name))


def count(record: Record, name: str) -> int:
    """A token count of the record, 0 where not told. Sources send numbers, and strings of digits.

    Raises UnusableRecordError when it is negative, absurd, or no whole number.
    """
    value = record.attributes.get(name)
    if value is None:
        return 0
    try:
        number = int(value)
    except (ValueError, OverflowError):  # text, NaN or infinity
        raise UnusableRecordError from None
    if isinstance(value, float) and value != number:
        raise UnusableRecordError
    if isinstance(value, bool) or not 0 <= number <= MAXIMUM_TOKENS:
        raise UnusableRecordError
    return number


def moment_nanoseconds(record: Record) -> int:
    """When it happened, else when it was observed (some agents leave the first at 0); 0 when neither is told."""
    return record.time_unix_nano or record.observed_time_unix_nano


def occurred_at(record: Record, received_at: datetime) -> datetime:
    """When it happened, UTC to the microsecond; when it was received, if the record does not say.

    Raises UnusableRecordError when the clock is decades off.
    """
    nanoseconds = moment_nanoseconds(record)
    if not nanoseconds:
        return received_at
    try:
        moment = EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise UnusableRecordError from None
    if not EARLIEST <= moment < LATEST:
        raise UnusableRecordError
    return moment


def _text(value: AttributeValue) -> str | None:
    return None if value is None else str(value).strip() or None
