"""GitHub's rate limits: a budget per hour and resource, and a secondary limit per minute."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.harness.forges.clock import QuickClock

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Budget:
    """`limit` points per hour, counted from the hour's first request, and `a_minute` in any minute."""

    clock: QuickClock
    limit: int
    a_minute: int
    used: int = 0
    resets_at: datetime | None = None
    recent: list[datetime] = field(default_factory=list)

    def spend(self, points: int) -> str | None:
        """Take points; return `primary` or `secondary` if that limit is reached."""
        now = self.clock.now()
        if self.resets_at is None or now >= self.resets_at:
            self.used, self.resets_at = 0, (now + HOUR).replace(microsecond=0)
        self.recent = [at for at in self.recent if now - at < MINUTE]
        if self.used + points > self.limit:
            self.used = self.limit
            return "primary"
        if len(self.recent) + points > self.a_minute:
            return "secondary"
        self.used += points
        self.recent += [now] * points
        return None

    def headers(self, resource: str, prefix: str = "x-ratelimit") -> dict[str, str]:
        assert self.resets_at is not None, "there was no request yet"
        return {
            f"{prefix}-limit": str(self.limit),
            f"{prefix}-remaining": str(self.limit - self.used),
            f"{prefix}-used": str(self.used),
            f"{prefix}-reset": str(int(self.resets_at.timestamp())),
            f"{prefix}-resource": resource,
        }
