"""A circuit breaker: a forge that fails several times in a row is left alone for a while, and then asked once."""

from datetime import datetime, timedelta

FAILURES = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)


class Breaker:
    """Counts failures in a row; any success forgets them."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_at: datetime | None = None

    def open_at(self, now: datetime) -> datetime:
        """From when on the forge may be asked."""
        return max(now, self._open_at or now)

    def succeeded(self) -> None:
        """The forge answers."""
        self._failures, self._open_at = 0, None

    def failed(self, now: datetime) -> None:
        """It did not; from the fifth time on it rests, each time twice as long."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_at = now + min(FIRST_REST * 2.0 ** (self._failures - FAILURES), LONGEST_REST)
