"""Rate-limit accounting from a forge's response headers. Pure.

GitHub's rules: after a refusal wait for `retry-after`; else, with nothing remaining, until the reset; else at least 60
seconds, and longer each time. GitLab sends the same headers without the `x-`.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LEAST_PAUSE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)

# Resets are in whole seconds, and clocks differ a little.
SLACK = timedelta(seconds=1)

# GitHub also limits with 403, which otherwise means missing permission.
FORBIDDEN = 403
_REFUSED = {FORBIDDEN, 429}


@dataclass(frozen=True, slots=True)
class Remaining:
    """The remaining requests of one resource until its reset."""

    requests: int
    reset_at: datetime


class Budget:
    """The rate limits of one connection by resource (GitHub counts `core` and `graphql` separately)."""

    def __init__(self) -> None:
        self.remaining: dict[str, Remaining] = {}
        self._closed_until: datetime | None = None
        self._refusals = 0

    def open_at(self, resource: str, now: datetime) -> datetime:
        """Return when the next request for a resource may be sent; `now` if at once."""
        at = max(now, self._closed_until or now)
        left = self.remaining.get(resource)
        return max(at, left.reset_at + SLACK) if left and left.requests <= 0 and left.reset_at > now else at

    def observe(
        self, resource: str, status: int, headers: Mapping[str, str], now: datetime, *, says_limit: bool = False
    ) -> bool:
        """Record a response; return True if it was a rate limit, in which case `open_at` is the time to retry.

        `says_limit`: the body mentions a rate limit, which is the only sign in some of GitHub's refusals.
        """
        left = _whole(headers, "x-ratelimit-remaining", "ratelimit-remaining")
        reset = _whole(headers, "x-ratelimit-reset", "ratelimit-reset")
        if left is not None and reset is not None:
            self.remaining[resource] = Remaining(left, datetime.fromtimestamp(reset, UTC))
        wait = _whole(headers, "retry-after")
        if not (status in _REFUSED and (status != FORBIDDEN or says_limit or wait is not None or left == 0)):
            self._refusals = 0
            return False
        self._refusals += 1
        self._closed_until = now + self._pause(wait, left, reset, now)
        return True

    def refuse(self, resource: str, now: datetime) -> None:
        """Record a rate limit reported with status 200, as GraphQL does."""
        left = self.remaining.get(resource)
        self._refusals += 1
        reset = int(left.reset_at.timestamp()) if left else None
        self._closed_until = now + self._pause(None, left.requests if left else None, reset, now)

    def _pause(self, wait: int | None, left: int | None, reset: int | None, now: datetime) -> timedelta:
        if wait is not None:
            return timedelta(seconds=wait) + SLACK
        if left == 0 and reset is not None:
            return max(datetime.fromtimestamp(reset, UTC) - now, timedelta()) + SLACK
        return min(LEAST_PAUSE * 2.0 ** (self._refusals - 1), LONGEST_PAUSE)


def _whole(headers: Mapping[str, str], *names: str) -> int | None:
    value = next((headers[name] for name in names if name in headers), "")
    # More digits than a Unix timestamp has are not a meaningful number.
    return int(value) if value.isdecimal() and len(value) <= len("9999999999") else None
