"""Every reason for a failure is read as it was stored."""

import pytest

from schema.failures import Failure, read_failure


@pytest.mark.parametrize("failure", Failure)
def test_each_is_read_as_it_was_stored(failure: Failure) -> None:
    assert read_failure(failure.value) is failure


def test_a_failure_stored_by_another_version_is_unexpected() -> None:
    assert read_failure("NumericValueOutOfRangeError") is Failure.UNEXPECTED
    assert read_failure(None) is None
