"""A clock on which sleeping takes no time."""

from datetime import UTC, datetime, timedelta


class QuickClock:
    """Begins at the real time; sleeping advances it."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._ahead += timedelta(seconds=seconds)

    def reach(self, at: datetime) -> None:
        """Advance to `at`, unless it is later already."""
        self._ahead += max(at - self.now(), timedelta())
