"""Errors that only requests to the service can cause."""

from schema.errors import ShipledgerError


class UnauthorizedError(ShipledgerError):
    """No key, an unknown or revoked key, or a wrong signature."""

    status = 401
    title = "Not authorized"


class ForbiddenError(ShipledgerError):
    """The key lacks the scope."""

    status = 403
    title = "Forbidden"


class ConflictError(ShipledgerError):
    """The request conflicts with what exists."""

    status = 409
    title = "Conflict"


class TooLargeError(ShipledgerError):
    """The body exceeds its limit."""

    status = 413
    title = "Too large"


class MisdirectedError(ShipledgerError):
    """The request names a host that is not ours."""

    status = 421
    title = "Misdirected request"


class UnsupportedMediaTypeError(ShipledgerError):
    """The endpoint does not support the content type or encoding."""

    status = 415
    title = "Unsupported media type"
