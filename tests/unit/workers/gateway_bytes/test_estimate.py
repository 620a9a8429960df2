from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary.gateway_parts import Part
from vocabulary.intervals import Quantiles
from workers.gateway_bytes.calibrate import Calibration
from workers.gateway_bytes.estimate import (
    Bytes,
    Epoch,
    Hour,
    Key,
    Scope,
    estimate_days,
    estimate_hours,
    find_epoch,
    scopes_for,
)
from workers.gateway_bytes.line import Line

HOUR = datetime(2026, 11, 16, 9, tzinfo=UTC)
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
MODEL = ("anthropic", "claude-sonnet-4-5")


def calibration(a_byte: float = 0.25, a_request: float = 0.0, largest: float = 1e12) -> Calibration:
    """Errors of a tenth either way."""
    return Calibration(
        Line(a_byte, a_request, largest),
        100,
        0.05,
        0.01,
        1,
        (Quantiles(1, -0.1, 0.1), Quantiles(100, -0.01, 0.01)),
        0.0,
        0.1,
    )


def since(begins: datetime, each: Calibration | None = None) -> list[Epoch]:
    return [Epoch(begins, each or calibration())]


def reported(part: Part = Part.INPUT, requests: int = 2, size: int = 8000, hour: datetime = HOUR) -> Bytes:
    return Bytes(hour, *MODEL, part, requests, size)


def test_the_nearest_calibration_is_taken() -> None:
    assert scopes_for("anthropic", "claude-sonnet-4-5-20250929") == (Scope(*MODEL), Scope("anthropic"), Scope())
    own, shared, general = (since(FIRST, calibration(share)) for share in (0.1, 0.2, 0.3))
    everything = {
        Key(Scope(*MODEL), Part.INPUT): own,
        Key(Scope("anthropic"), Part.INPUT): shared,
        Key(Scope(), Part.INPUT): general,
    }
    assert find_epoch(everything, *MODEL, Part.INPUT, HOUR) is own[0]
    assert find_epoch(everything, "anthropic", "claude-haiku-4-5", Part.INPUT, HOUR) is shared[0]
    assert find_epoch(everything, "openai", "gpt-5.1", Part.INPUT, HOUR) is general[0]
    assert find_epoch(everything, *MODEL, Part.OUTPUT, HOUR) is None


def test_an_hour_is_estimated_by_what_held_then() -> None:
    drifted = HOUR + timedelta(minutes=30)
    key = Key(Scope(*MODEL), Part.INPUT)
    epochs = {key: [*since(drifted, calibration(0.5)), *since(FIRST, calibration(0.25))]}
    sums = [reported(hour=HOUR - timedelta(hours=1)), reported(), reported(hour=HOUR + timedelta(hours=1))]
    estimates = estimate_hours(sums, epochs)
    assert [each.input_tokens for each in estimates.values()] == [2000, 4000, 4000]


def test_uncalibrated_bytes_are_counted_separately() -> None:
    sums = [reported(), reported(Part.OUTPUT, 2, 1000), reported(Part.OUTPUT_STREAM, 1, 500)]
    estimate = estimate_hours(sums, {})[Hour(HOUR, *MODEL)]
    assert (estimate.requests, estimate.counted_requests, estimate.unestimated_requests) == (2, 0, 2)
    assert (estimate.tokens, estimate.unestimated_bytes) == (0, 9500)
    inputs = {Key(Scope(), Part.INPUT): since(FIRST), Key(Scope(), Part.OUTPUT): since(FIRST)}
    estimate = estimate_hours(sums, inputs)[Hour(HOUR, *MODEL)]
    assert (estimate.counted_requests, estimate.unestimated_requests, estimate.unestimated_bytes) == (2, 1, 500)
    assert (estimate.input_tokens, estimate.output_tokens) == (2000, 250)


def test_a_few_large_requests_do_not_count_for_more_than_the_largest() -> None:
    epochs = {Key(Scope(), Part.INPUT): since(FIRST, calibration(largest=10_000))}
    sums = [reported(requests=10, size=40_000), reported(requests=1, size=5_000_000)]
    assert estimate_hours(sums, epochs)[Hour(HOUR, *MODEL)].input_tokens == 10_000 + 2_500


def test_the_interval_of_a_day_is_that_of_its_sum() -> None:
    epochs = {Key(Scope(), part): since(FIRST) for part in Part}
    sums = [reported(requests=50, size=400_000), reported(requests=50, size=400_000, hour=HOUR + timedelta(hours=1))]
    day = estimate_days(sums, epochs)[MODEL]
    assert day.input_tokens == 200_000
    assert (day.low, day.high) == (pytest.approx(198_010, abs=2), pytest.approx(202_010, abs=2))


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Part)), st.integers(1, 1000), st.integers(0, 10**10), st.integers(0, 23)),
        min_size=1,
        max_size=20,
    ),
    st.floats(-1000, 1000),
)
def test_a_day_is_the_sum_of_its_hours_and_lies_within_its_interval(
    rows: list[tuple[Part, int, int, int]], a_request: float
) -> None:
    epochs = {Key(Scope(), part): since(FIRST, calibration(a_request=a_request)) for part in Part}
    sums = [reported(part, requests, size, HOUR.replace(hour=hour)) for part, requests, size, hour in rows]
    hours, day = estimate_hours(sums, epochs), estimate_days(sums, epochs)[MODEL]
    assert day.tokens == sum(each.tokens for each in hours.values())
    assert 0 <= day.low <= day.tokens <= day.high
    assert all(min(each.input_tokens, each.output_tokens) >= 0 for each in hours.values())
