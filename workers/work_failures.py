"""Which reason is stored of an error that a worker met."""

import asyncpg
import msgspec

from schema.errors import SetUpError
from schema.failures import ExplainedError, Failure


def failure_of(error: Exception) -> Failure:
    """The reason that the error names itself, or that its kind stands for."""
    match error:
        case ExplainedError():
            return error.failure
        case SetUpError():
            return Failure.OTHER_SECRET_KEY
        case msgspec.MsgspecError() | UnicodeError():
            return Failure.NOT_READABLE
        case asyncpg.DataError() | asyncpg.IntegrityConstraintViolationError():
            return Failure.VALUE_REFUSED
        case _:
            return Failure.UNEXPECTED
