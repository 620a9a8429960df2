"""Why a forge was not asked, or gave no answer that is of use. No message holds anything that a forge said."""

from datetime import datetime

from schema.failures import ExplainedError, Failure

UNAUTHORIZED, FORBIDDEN, MISSING = 401, 403, 404
OTHER = 0

# By status; what is not listed is `OTHER`.
REFUSALS = {
    UNAUTHORIZED: Failure.TOKEN_REFUSED,
    FORBIDDEN: Failure.ACCESS_FORBIDDEN,
    MISSING: Failure.NOT_FOUND,
    OTHER: Failure.REQUEST_REFUSED,
}


class ForgeError(ExplainedError):
    """Root of what a client raises."""

    failure = Failure.FORGE_NOT_UNDERSTOOD


class TryLaterError(ForgeError):
    """Nothing more may be asked before `at`: a limit is reached, or the forge is away."""

    def __init__(self, reason: str, at: datetime) -> None:
        super().__init__(reason)
        self.at = at


class RateLimitedError(TryLaterError):
    """The forge's own limit."""

    failure = Failure.RATE_LIMITED


class ForgeAwayError(TryLaterError):
    """The forge failed several times in a row, or could not be reached."""

    failure = Failure.FORGE_AWAY


class RefusedError(ForgeError):
    """The forge will not answer this: `status` is its HTTP status, such as 401 for a token that is no longer good."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the forge answered {status}")
        self.status = status
        self.failure = REFUSALS.get(status, REFUSALS[OTHER])


class PrivateAddressError(ForgeError):
    """The forge's host is on a private network, which the operator does not allow."""

    failure = Failure.PRIVATE_ADDRESS

    def __init__(self) -> None:
        super().__init__("the host is on a private network; the operator may set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true")
