from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.workers.gateway_bytes.test_estimate import calibration
from vocabulary.gateway_parts import Part
from workers.gateway_bytes.drift import Watch
from workers.gateway_bytes.due import (
    FIRST,
    OWN_ROWS,
    RequestReport,
    StoredCalibration,
    fit_own,
    fit_shared,
    is_due,
    own_due,
    shared_due,
)
from workers.gateway_bytes.estimate import Key, Scope

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
SOON = timedelta(minutes=5)
SONNET = Key(Scope("anthropic", "claude-sonnet-4-5"), Part.INPUT)
EVERYTHING = {Key(scope, Part.INPUT) for scope in (Scope("anthropic"), Scope("openai"), Scope())}


def kept(age: timedelta = SOON, drifted: datetime | None = None) -> StoredCalibration:
    """Fitted on 100 requests."""
    return StoredCalibration(FIRST, NOW - age, calibration(), Watch(drifted_since=drifted))


def reported(
    count: int, model: str = "claude-sonnet-4-5", bytes_a_token: int = 4, provider: str = "anthropic"
) -> list[RequestReport]:
    return [
        RequestReport(NOW + timedelta(minutes=place), provider, model, Part.INPUT, 500 + bytes_a_token * tokens, tokens)
        for place, tokens in enumerate(300 + 17 * (place % 40) for place in range(count))
    ]


@pytest.mark.parametrize(
    ("latest", "due"),
    [
        (None, True),
        (kept(), False),
        # On 100 of the 5,000 requests that are looked at, so after a fiftieth of a day.
        (kept(timedelta(minutes=28)), False),
        (kept(timedelta(minutes=29)), True),
        (kept(drifted=NOW), True),
    ],
)
def test_a_calibration_is_due_when_it_is_missing_has_drifted_or_is_old_for_what_it_knows(
    latest: StoredCalibration | None, due: bool
) -> None:
    assert is_due(latest, NOW) is due


def test_only_scopes_with_new_requests_are_due() -> None:
    (row,) = reported(1)
    assert own_due([row], {}, NOW) == {SONNET}
    assert own_due([row], {SONNET: kept()}, NOW) == set()
    assert shared_due([row], {}, NOW) == {Key(Scope("anthropic"), Part.INPUT), Key(Scope(), Part.INPUT)}
    assert shared_due([row], {Key(Scope(), Part.INPUT): kept()}, NOW) == {Key(Scope("anthropic"), Part.INPUT)}


def test_scopes_that_are_not_due_are_not_fitted() -> None:
    assert [fit.key for fit in fit_own(reported(60), {SONNET}, {})] == [SONNET]
    assert fit_own(reported(60), (), {}) == []
    assert fit_shared([*reported(60), *reported(60, "claude-opus-4-1")], (), {}) == []


def test_after_a_drift_only_what_came_since_is_fitted_on() -> None:
    drifted = NOW + timedelta(minutes=100)
    (fit,) = fit_own(reported(170), {SONNET}, {SONNET: kept(drifted=drifted)})
    assert (fit.key, fit.begins, fit.calibration.rows) == (SONNET, drifted, 70)
    assert not fit_own(reported(149), {SONNET}, {SONNET: kept(drifted=drifted)}), "49 are too few"


def test_dates_of_a_model_share_a_calibration_and_only_the_latest_count() -> None:
    dated = [row._replace(model="claude-sonnet-4-5-20250929") for row in reported(OWN_ROWS)]
    (fit,) = fit_own([*reported(30), *dated], {SONNET}, {})
    assert fit.calibration.rows == OWN_ROWS


def test_what_is_shared_needs_two_models_with_enough_to_say() -> None:
    one, few = reported(60), reported(19, "claude-opus-4-1")
    assert fit_shared([*one, *few], EVERYTHING, {}) == []
    fits = fit_shared([*one, *reported(20, "claude-opus-4-1", 5)], EVERYTHING, {})
    assert [fit.key.scope for fit in fits] == [Scope("anthropic"), Scope()]
    fits = fit_shared([*one, *reported(20, "gpt-5.1", 5, "openai")], EVERYTHING, {})
    assert [fit.key.scope for fit in fits] == [Scope()]
