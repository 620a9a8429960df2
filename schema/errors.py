"""One root for every error a caller may see: a status, a title, and a sentence that says what to do."""


class ShipledgerError(Exception):
    """Root of the errors that become an RFC 9457 problem, or one clear line in the terminal."""

    status = 500
    title = "Internal error"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class BadInputError(ShipledgerError):
    """The request cannot be used as it is; `field` names the part and `detail` the remedy."""

    status = 400
    title = "Bad input"


class UnauthorizedError(ShipledgerError):
    """No key, an unknown or revoked key, or a signature that does not fit."""

    status = 401
    title = "Not authorized"


class ForbiddenError(ShipledgerError):
    """The key is known but lacks the scope."""

    status = 403
    title = "Forbidden"


class NotFoundError(ShipledgerError):
    """Nothing of that name or id in this organization."""

    status = 404
    title = "Not found"


class ConflictError(ShipledgerError):
    """What is asked for exists already, or contradicts what exists."""

    status = 409
    title = "Conflict"


class TooLargeError(ShipledgerError):
    """The body is over its limit."""

    status = 413
    title = "Too large"


class UnsupportedMediaTypeError(ShipledgerError):
    """A content type or encoding that the endpoint does not read."""

    status = 415
    title = "Unsupported media type"


class UnavailableError(ShipledgerError):
    """PostgreSQL cannot be reached; the same request may succeed later."""

    status = 503
    title = "Temporarily unavailable"


class SetUpError(ShipledgerError):
    """The process cannot start as configured; the detail says what to change."""

    title = "Set-up error"
