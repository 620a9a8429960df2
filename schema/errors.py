"""Errors that callers may see: a status, a title, and a sentence that says what to do."""


class ShipledgerError(Exception):
    """Base of the errors that become an RFC 9457 problem, or one line in the terminal."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class BadInputError(ShipledgerError):
    """The request is invalid; `field` names the invalid part and `detail` says what to send."""

    status = 400
    title = "Bad input"


class NotFoundError(ShipledgerError):
    """The organization has nothing with this name or id."""

    status = 404
    title = "Not found"


class UnavailableError(ShipledgerError):
    """PostgreSQL cannot serve; the same request may succeed later. `remedy` is one line for the operator alone."""

    status = 503
    title = "Temporarily unavailable"

    def __init__(self, detail: str, *, remedy: str = "") -> None:
        super().__init__(detail)
        self.remedy = remedy


class TooManyRequestsError(ShipledgerError):
    """The key, address or organization sends too much; `seconds` is when to try again."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class SetUpError(ShipledgerError):
    """The process or command cannot run as configured; the detail says what to change."""

    title = "Set-up error"
