"""How often something may happen: token buckets, by who does it. Pure, and cheap enough for each request."""

import math
import time
from collections.abc import Callable

KNOWN_LIMIT = 10_000


class Bucket:
    """An allowance that refills with time: `rate` per second, up to `burst`."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def take(self, now: float) -> bool:
        """Use one of the allowance; False if nothing is left."""
        left = self._left + (now - self._at) * self._rate
        self._at = now
        if left < 1.0:
            self._left = left
            return False
        self._left = left - 1.0 if left < self._burst else self._burst - 1.0
        return True

    def wait(self, now: float) -> int:
        """Return 0 if one more may come, else the whole seconds until it may."""
        left = self._left + (now - self._at) * self._rate
        return 0 if left >= 1.0 else max(1, math.ceil((1.0 - left) / self._rate))

    def is_full(self, now: float) -> bool:
        """Return whether the whole allowance is there, so that the bucket need not be kept."""
        return self._left + (now - self._at) * self._rate >= self._burst


class RateLimit:
    """Buckets by client; a rate of 0 limits nothing."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, who: str) -> int:
        """Count one; return 0, or the seconds to wait if it is too many."""
        if not self._rate:
            return 0
        now = self._clock()
        bucket = self._buckets.get(who) or self._new(who, now)
        return 0 if bucket.take(now) else bucket.wait(now)

    def wait(self, who: str) -> int:
        """Return 0 if one more may come, else the seconds to wait. Counts nothing."""
        bucket = self._buckets.get(who)
        return 0 if bucket is None else bucket.wait(self._clock())

    def _new(self, who: str, now: float) -> Bucket:
        if len(self._buckets) >= KNOWN_LIMIT:
            self._buckets = {each: bucket for each, bucket in self._buckets.items() if not bucket.is_full(now)}
        if len(self._buckets) >= KNOWN_LIMIT:
            self._buckets.clear()
        self._buckets[who] = bucket = Bucket(self._rate, self._burst, now)
        return bucket
