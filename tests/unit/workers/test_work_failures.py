"""Which reason is stored of an error."""

from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest

from schema.errors import SetUpError
from schema.failures import Failure
from workers.forge_access.errors import (
    ForgeError,
    ForgeUnavailableError,
    PrivateAddressError,
    RateLimitedError,
    RefusedError,
)
from workers.providers.client import LaterError, PrivateHostError, UnreadableError
from workers.providers.client import RefusedError as KeyRefusedError
from workers.work_failures import failure_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (RefusedError(401), Failure.TOKEN_REFUSED),
        (RefusedError(403), Failure.ACCESS_FORBIDDEN),
        (RefusedError(404), Failure.NOT_FOUND),
        (RefusedError(422), Failure.REQUEST_REFUSED),
        (RateLimitedError("limit", NOW), Failure.RATE_LIMITED),
        (ForgeUnavailableError("away", NOW), Failure.FORGE_AWAY),
        (PrivateAddressError(), Failure.PRIVATE_ADDRESS),
        (ForgeError("odd"), Failure.FORGE_NOT_UNDERSTOOD),
        (KeyRefusedError("no"), Failure.KEY_REFUSED),
        (LaterError(NOW - NOW), Failure.PROVIDER_LIMITED),
        (PrivateHostError(), Failure.PRIVATE_PROVIDER),
        (UnreadableError("odd"), Failure.PROVIDER_NOT_UNDERSTOOD),
        (SetUpError("another key"), Failure.OTHER_SECRET_KEY),
        (msgspec.DecodeError("odd"), Failure.NOT_READABLE),
        (asyncpg.NumericValueOutOfRangeError("much"), Failure.VALUE_REFUSED),
        (asyncpg.CheckViolationError("no"), Failure.VALUE_REFUSED),
        (KeyError("odd"), Failure.UNEXPECTED),
    ],
)
def test_an_error_has_the_reason_that_it_names_or_that_its_kind_stands_for(error: Exception, failure: Failure) -> None:
    assert failure_of(error) is failure
