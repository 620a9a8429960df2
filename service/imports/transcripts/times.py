"""Times of transcripts: RFC 3339, without a zone (UTC), or as seconds to microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from math import isinf

from service.contracts.token_event import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers from here on are finer than seconds, than milliseconds, and than microseconds.
_FINER = 100_000_000_000


def instant(value: object) -> datetime | None:
    """Return an instant in UTC between the years 2000 and 2100, or None if the value is not one."""
    moment = _moment(value)
    if moment is None:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment if EARLIEST <= moment < LATEST else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and not value.strip().replace(".", "", 1).isdecimal():
            return datetime.fromisoformat(value.strip())
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return _since_1970(float(value))
    except (ValueError, OverflowError):
        return None
    return None


def _since_1970(number: float) -> datetime:
    """Raise OverflowError for infinity, which no division makes smaller."""
    if isinf(number):
        raise OverflowError
    while number >= _FINER:
        number /= 1000
    return _EPOCH + timedelta(microseconds=round(number * 1_000_000))
