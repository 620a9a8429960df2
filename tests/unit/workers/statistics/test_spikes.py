import numpy as np
import pytest

from tests.benchmarks.spikes.simulated import WORLDS, Real, team_spend
from workers.statistics.spikes import FIRST_DAY, alarm_scores, date_spike, find_spikes, limit_of
from workers.statistics.usual_days import LEAST_WEEKS, usual_days

WEEKDAYS = np.array([100.0, 110, 105, 100, 90, 5, 5])


def steady(weeks: int, seed: int = 1) -> Real:
    random = np.random.default_rng(seed)
    return np.tile(WEEKDAYS, weeks) * random.lognormal(0, 0.15, weeks * 7)


def test_a_step_is_found_within_a_week_and_dated() -> None:
    spend = steady(14)
    spend[70:] *= 2
    (spike,) = find_spikes(spend[None, :84])[0]
    assert spike.began == 70
    assert 70 < spike.found < 77
    assert spike.ratio == pytest.approx(2, rel=0.2)
    assert spike.spent == pytest.approx(spend[70 : spike.found + 1].sum())


def test_a_steady_series_raises_no_alarm() -> None:
    assert find_spikes(np.stack([steady(30, seed) for seed in range(5)])) == [[]] * 5


def test_weekends_are_no_rise() -> None:
    spend = np.tile(WEEKDAYS, 30)
    assert alarm_scores(spend[None]).max() < 0.5


def test_a_very_dear_day_is_found_on_that_day_and_a_dear_one_is_not() -> None:
    spend = steady(14)
    spend[79] *= 8
    (spike,) = find_spikes(spend[None])[0]
    assert (spike.began, spike.found) == (79, 79)
    spend[79] /= 4
    assert find_spikes(spend[None])[0] == []


def test_a_fall_is_no_spike() -> None:
    spend = steady(14)
    spend[70:] *= 0.3
    assert find_spikes(spend[None])[0] == []


def test_a_slow_rise_is_found_by_the_sum_of_its_days() -> None:
    spend = steady(20)
    spend[84:] *= np.minimum(1.5, 1 + 0.02 * np.arange(len(spend) - 84))
    assert find_spikes(spend[None])[0]


def test_one_step_is_one_alarm_and_a_second_step_another() -> None:
    spend = steady(20)
    spend[84:] *= 2
    assert len(find_spikes(spend[None])[0]) == 1
    spend[98:] *= 2
    assert len(find_spikes(spend[None])[0]) == 2


def test_series_do_not_depend_on_their_neighbours_nor_on_the_unit() -> None:
    both = np.stack([team_spend(np.random.default_rng(seed), WORLDS["usual"], 120, step=(90, 2.0)) for seed in (1, 2)])
    alone = [find_spikes(each[None])[0] for each in both]
    assert find_spikes(both) == alone
    scaled = find_spikes(both * 1e9)
    assert [[each.found for each in spikes] for spikes in scaled] == [
        [each.found for each in spikes] for spikes in alone
    ]


def test_nothing_is_said_of_a_short_or_empty_history() -> None:
    assert find_spikes(np.zeros((2, 100))) == [[], []]
    assert find_spikes(steady(6)[None, :FIRST_DAY]) == [[]]
    with pytest.raises(ValueError, match="needs 4 weeks"):
        usual_days(np.zeros((1, LEAST_WEEKS * 7 - 1)))


def test_the_usual_week_is_the_median_of_weeks_by_weekday() -> None:
    spend = np.tile(WEEKDAYS, 8)
    spend[7] = 10_000
    usual = usual_days(spend[None])
    assert usual.level[0] == WEEKDAYS.sum()
    assert usual.expected(9)[0] == pytest.approx([*WEEKDAYS, *WEEKDAYS[:2]], rel=0.01)


def test_a_date_is_the_most_likely_day() -> None:
    spend = np.tile(WEEKDAYS, 12)
    spend[73:] *= 3
    assert date_spike(spend, 76).began == 73


def test_limits_never_fall_below_those_of_one_series() -> None:
    assert limit_of(0) == limit_of(0.5) == limit_of(1) == 1
    assert limit_of(2) > 1
