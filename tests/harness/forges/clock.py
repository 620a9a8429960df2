"""A clock whose hours pass at once."""

from datetime import UTC, datetime, timedelta


class QuickClock:
    """Begins at the real time; sleeping moves it on."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._ahead += timedelta(seconds=seconds)

    def reach(self, at: datetime) -> None:
        """Let it be `at`, unless it is later."""
        self._ahead += max(at - self.now(), timedelta())
