"""Maps a worker's error to the failure that is stored with a row."""

import asyncpg
import msgspec

from schema.errors import SetUpError
from schema.failures import Failure
from workers.forge_access.explained import ExplainedError


def stored_failure(error: Exception) -> str:
    """Return the failure of an error as stored, with what the other side answered."""
    return error.stored() if isinstance(error, ExplainedError) else failure_of(error)


def failure_of(error: Exception) -> Failure:
    """Return the failure that the error carries, or the one for its type."""
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
