"""Errors of forge clients. Messages never contain text from a forge."""

from datetime import datetime

from schema.failures import Failure
from workers.forge_access.explained import ExplainedError

UNAUTHORIZED, FORBIDDEN, MISSING = 401, 403, 404
OTHER = 0

# By status; all others are `OTHER`.
REFUSALS = {
    UNAUTHORIZED: Failure.TOKEN_REFUSED,
    FORBIDDEN: Failure.ACCESS_FORBIDDEN,
    MISSING: Failure.NOT_FOUND,
    OTHER: Failure.REQUEST_REFUSED,
}


class ForgeError(ExplainedError):
    """Base class of client errors."""

    failure = Failure.FORGE_NOT_UNDERSTOOD


class TryLaterError(ForgeError):
    """No further request may be sent before `at`: a rate limit is reached, or the forge is unavailable."""

    def __init__(self, reason: str, at: datetime, answer: str | None = None) -> None:
        super().__init__(reason)
        self.at = at
        self.answer = answer


class RateLimitedError(TryLaterError):
    """The forge's rate limit is reached."""

    failure = Failure.RATE_LIMITED


class ForgeUnavailableError(TryLaterError):
    """The forge failed several times in a row, or cannot be reached."""

    failure = Failure.FORGE_AWAY


class RefusedError(ForgeError):
    """The forge refused a request; `status` is its HTTP status, such as 401 for an invalid token.

    `answer` is what it said, from the allow-list of `answers`.
    """

    def __init__(self, status: int, answer: str | None = None) -> None:
        super().__init__(f"the forge answered {status}")
        self.status = status
        self.answer = answer
        self.failure = REFUSALS.get(status, REFUSALS[OTHER])


class PrivateAddressError(ForgeError):
    """The forge's host is on a private network, which the operator has not allowed."""

    failure = Failure.PRIVATE_ADDRESS

    def __init__(self) -> None:
        super().__init__("the host is on a private network; the operator can set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true")
