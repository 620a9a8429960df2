import numpy as np
import pytest

from tests.benchmarks.spikes.simulated import WORLDS, Real, team_spend
from workers.statistics.forecasts import RUN_RATE, SMOOTHING, Crossing, Forecast, crossing, forecast

WEEKDAYS = np.array([100.0, 110, 105, 100, 90, 5, 5])
LEVELS = tuple(SMOOTHING)


def found(spend: Real, days: int) -> Forecast:
    result = forecast(spend, days)
    assert result is not None
    return result


def test_days_that_repeat_are_forecast_by_weekday() -> None:
    shown = found(np.tile(WEEKDAYS, 12), 10)
    assert shown.daily == pytest.approx([*WEEKDAYS, *WEEKDAYS[:3]])
    assert shown.total == pytest.approx(shown.daily.sum())
    assert shown.low < shown.total < shown.high


def test_the_first_day_to_come_follows_the_last_one() -> None:
    shown = found(np.tile(WEEKDAYS, 12)[:-3], 4)
    assert shown.daily == pytest.approx([90, 5, 5, 100])


def test_a_short_history_is_forecast_by_its_run_rate_and_a_shorter_one_not_at_all() -> None:
    assert found(np.tile(WEEKDAYS, 5), 28).model == RUN_RATE
    assert forecast(np.tile(WEEKDAYS, 4)[1:], 28) is None
    assert forecast(np.tile(WEEKDAYS, 8), 0) is None


def test_the_run_rate_stays_where_nothing_beats_it() -> None:
    assert found(np.tile(WEEKDAYS, 30), 28).model == RUN_RATE


def test_a_level_that_jumps_is_followed_by_a_quick_model_and_noise_by_a_slow_one() -> None:
    random = np.random.default_rng(3)
    wandering = np.exp(np.cumsum(random.normal(0, 0.3, 60)))
    noisy = random.lognormal(0, 0.3, 60)
    quick = found(np.tile(WEEKDAYS, 60) * np.repeat(wandering, 7), 28)
    slow = found(np.tile(WEEKDAYS, 60) * np.repeat(noisy, 7), 28)
    assert LEVELS.index(quick.model) > LEVELS.index(slow.model)


def test_uneven_days_have_wider_intervals_and_longer_horizons_too() -> None:
    random = np.random.default_rng(1)
    even = np.tile(WEEKDAYS, 30) * random.lognormal(0, 0.05, 210)
    uneven = np.tile(WEEKDAYS, 30) * random.lognormal(0, 0.6, 210)
    widths = [
        found(spend, days).high / found(spend, days).low for spend, days in ((even, 28), (uneven, 28), (even, 112))
    ]
    assert widths[1] > widths[0]
    assert widths[2] > widths[0]
    assert found(even, 3).high / found(even, 3).low > widths[0]


def test_intervals_hold_in_about_four_of_five_cases() -> None:
    held = []
    for seed in range(60):
        spend = team_spend(np.random.default_rng(seed), WORLDS["usual"], 180)
        for today in (124, 152):
            shown, true = found(spend[:today], 28), spend[today : today + 28].sum()
            held.append(shown.low <= true <= shown.high)
    assert 0.7 <= np.mean(held) <= 0.9


def test_nothing_spent_is_forecast_as_nothing() -> None:
    shown = found(np.zeros(84), 28)
    assert (shown.total, shown.low, shown.high) == (0, 0, 0)


def test_a_budget_is_exceeded_on_the_day_whose_sum_is_above_it() -> None:
    shown = Forecast(np.full(30, 10.0), 300.0, 200.0, 400.0, RUN_RATE)
    assert crossing(shown, spent=60, budget=200) == Crossing(likely=14, earliest=10, latest=21)
    assert crossing(shown, spent=60, budget=330) == Crossing(likely=27, earliest=20, latest=None)
    assert crossing(shown, spent=0, budget=300) == Crossing(likely=None, earliest=22, latest=None)
    assert crossing(shown, spent=250, budget=200).likely == 0
