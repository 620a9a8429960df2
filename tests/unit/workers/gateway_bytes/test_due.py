from datetime import UTC, datetime, timedelta

import pytest

from schema.gateway_parts import Part
from tests.unit.workers.gateway_bytes.test_estimate import calibration
from workers.gateway_bytes.drift import Watch
from workers.gateway_bytes.due import FIRST, OWN_ROWS, Kept, Told, fit_own, fit_shared, is_due
from workers.gateway_bytes.estimate import Key, Scope

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
SOON = timedelta(minutes=5)


def kept(age: timedelta = SOON, drifted: datetime | None = None) -> Kept:
    """Fitted on 100 requests."""
    return Kept(FIRST, NOW - age, calibration(), Watch(drifted_since=drifted))


def told(
    count: int, model: str = "claude-sonnet-4-5", bytes_a_token: int = 4, provider: str = "anthropic"
) -> list[Told]:
    return [
        Told(NOW + timedelta(minutes=place), provider, model, Part.INPUT, 500 + bytes_a_token * tokens, tokens)
        for place, tokens in enumerate(300 + 17 * (place % 40) for place in range(count))
    ]


@pytest.mark.parametrize(
    ("rows", "latest", "due"),
    [
        (49, None, False),
        (50, None, True),
        (199, kept(), False),
        (200, kept(), True),
        (100, kept(timedelta(days=1)), True),
        (49, kept(timedelta(days=1)), False),
    ],
)
def test_a_calibration_is_fitted_first_then_when_it_has_twice_as_much_or_is_a_day_old(
    rows: int, latest: Kept | None, due: bool
) -> None:
    assert is_due(rows, 0, latest, NOW) is due


def test_what_has_drifted_is_fitted_once_enough_was_told_since() -> None:
    assert not is_due(1000, 49, kept(drifted=NOW), NOW)
    assert is_due(1000, 50, kept(drifted=NOW), NOW)


def test_after_a_drift_only_what_came_since_is_fitted_on() -> None:
    key = Key(Scope("anthropic", "claude-sonnet-4-5"), Part.INPUT)
    drifted = NOW + timedelta(minutes=100)
    (fit,) = fit_own(told(170), {key: kept(drifted=drifted)}, NOW)
    assert (fit.key, fit.begins, fit.calibration.rows) == (key, drifted, 70)
    assert not fit_own(told(149), {key: kept(drifted=drifted)}, NOW)


def test_dates_of_a_model_share_a_calibration_and_only_the_latest_count() -> None:
    dated = [row._replace(model="claude-sonnet-4-5-20250929") for row in told(OWN_ROWS)]
    (fit,) = fit_own([*told(30), *dated], {}, NOW)
    assert fit.calibration.rows == OWN_ROWS


def test_what_is_shared_needs_two_models_with_enough_to_say() -> None:
    one, few = told(60), told(19, "claude-opus-4-1")
    assert fit_shared([*one, *few], {}, NOW) == []
    fits = fit_shared([*one, *told(20, "claude-opus-4-1", 5)], {}, NOW)
    assert [fit.key.scope for fit in fits] == [Scope("anthropic"), Scope()]
    fits = fit_shared([*one, *told(20, "gpt-5.1", 5, "openai")], {}, NOW)
    assert [fit.key.scope for fit in fits] == [Scope()]
