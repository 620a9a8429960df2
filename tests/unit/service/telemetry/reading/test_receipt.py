"""What records of one body tell of their work, and when they happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.otlp.records import Record
from service.telemetry.reading import links
from service.telemetry.reading.normalised import UnusableRecordError
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import AHEAD, EPOCH, FIRST_AGENTS

RECEIVED_AT = datetime(2026, 11, 28, 12, 0, 0, 1, UTC)
VALUES = st.sampled_from([None, "1", 1, True, 1.0, "1.0", "True", "main", "https://github.com/a/b"])
REPORTED = st.dictionaries(st.sampled_from([links.TEAM, links.BRANCH, links.REPOSITORY_URL, *links.NUMBERS]), VALUES)


def record(own: dict[str, Any], resource: dict[str, Any], moment: int = 0, observed: int = 0) -> Record:
    return Record(
        resource=resource,
        scope="",
        event_name="",
        attributes=own,
        time_unix_nano=moment,
        observed_time_unix_nano=observed,
    )


@given(st.lists(REPORTED, min_size=1, max_size=3), st.lists(st.tuples(REPORTED, st.integers(0, 2)), max_size=20))
def test_each_record_is_read_as_if_it_were_alone(
    resources: list[dict[str, Any]], reported: list[tuple[dict[str, Any], int]]
) -> None:
    receipt = Receipt(RECEIVED_AT)
    for own, number in reported:
        one = record(own, resources[number % len(resources)])
        assert receipt.work(one) == links.work(one)


def test_records_with_equal_values_share_one_work() -> None:
    receipt = Receipt(RECEIVED_AT)
    first, again, other = [
        receipt.work(record({links.BRANCH: branch}, {links.TEAM: "platform"})) for branch in ("main", "main", "fix")
    ]
    assert first is again
    assert other.links.branch == "fix"


def nanoseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (nanoseconds(FIRST_AGENTS), FIRST_AGENTS),
        (nanoseconds(RECEIVED_AT + AHEAD) + 999, RECEIVED_AT + AHEAD),
        (nanoseconds(RECEIVED_AT) + 1, RECEIVED_AT),
        (0, RECEIVED_AT),
    ],
)
def test_times_have_microsecond_precision(moment: int, expected: datetime) -> None:
    assert Receipt(RECEIVED_AT).occurred_at(record({}, {}, moment)) == expected


@pytest.mark.parametrize(
    "moment", [nanoseconds(FIRST_AGENTS) - 1, nanoseconds(RECEIVED_AT + AHEAD) + 1000, 1, -1, 2**64 - 1]
)
def test_clocks_that_are_years_off_are_refused(moment: int) -> None:
    with pytest.raises(UnusableRecordError):
        Receipt(RECEIVED_AT).occurred_at(record({}, {}, moment))


def test_the_observed_time_replaces_a_missing_time() -> None:
    assert Receipt(RECEIVED_AT).occurred_at(record({}, {}, 0, nanoseconds(FIRST_AGENTS))) == FIRST_AGENTS
