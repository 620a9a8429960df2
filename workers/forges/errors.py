"""Why a forge was not asked, or gave no answer that is of use. No message holds anything that a forge said."""

from datetime import datetime


class ForgeError(Exception):
    """Root of what a client raises."""


class TryLaterError(ForgeError):
    """Nothing more may be asked before `at`: a limit is reached, or the forge is away."""

    def __init__(self, reason: str, at: datetime) -> None:
        super().__init__(reason)
        self.at = at


class RateLimitedError(TryLaterError):
    """The forge's own limit."""


class ForgeAwayError(TryLaterError):
    """The forge failed several times in a row, or could not be reached."""


class RefusedError(ForgeError):
    """The forge will not answer this: `status` is its HTTP status, such as 401 for a token that is no longer good."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the forge answered {status}")
        self.status = status


class PrivateAddressError(ForgeError):
    """The forge's host is on a private network, which the operator does not allow."""

    def __init__(self) -> None:
        super().__init__("the host is on a private network; the operator may set SHIPLEDGER_ALLOW_PRIVATE_HOSTS=true")
