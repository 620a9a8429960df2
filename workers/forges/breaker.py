"""A circuit breaker: after several failures in a row, a forge gets no requests for a while, then one attempt."""

from datetime import datetime, timedelta

FAILURES = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)


class Breaker:
    """Counts failures in a row; a success resets the count."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_at: datetime | None = None

    def open_at(self, now: datetime) -> datetime:
        """Return when the next request may be sent; `now` while the breaker is closed."""
        return max(now, self._open_at or now)

    def succeeded(self) -> None:
        """Record a success and close the breaker."""
        self._failures, self._open_at = 0, None

    def failed(self, now: datetime) -> None:
        """Record a failure; from the fifth in a row, open the breaker for twice as long each time."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_at = now + min(FIRST_REST * 2.0 ** (self._failures - FAILURES), LONGEST_REST)
