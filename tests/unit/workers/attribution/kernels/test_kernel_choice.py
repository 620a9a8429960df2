import numpy as np

from workers.attribution.claims import by_hour
from workers.attribution.kernels.kernel import LAGGING, Activity, Kernel, Lives
from workers.attribution.kernels.kernel_choice import choose

FIRST, HOURS = 24 * 7 * 100, 5 * 7 * 24
NO_LINKS = np.zeros(0, np.int64), np.zeros(0, np.int64)


def worlds(lag: float) -> tuple[list[Activity], np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Five hours of work on each pull request, pushed at once or all `lag` hours later: activity, tokens, links."""
    random = np.random.default_rng(7)
    days = np.repeat(np.arange(3, 33), 3)
    worked = FIRST + days * 24 + random.integers(8, 14, len(days))
    numbers = np.arange(len(days))
    last = worked + 5.5 + lag * random.uniform(0.5, 1.5, len(days))
    each_hour = (worked[:, None] + np.arange(1, 6)).reshape(-1) + 0.02
    of, pushes = (numbers, last) if lag else (np.repeat(numbers, 5), each_hour)
    lives = Lives(last, last + 24, of, pushes)
    activities = [by_hour(kernel.activity_in(lives, FIRST, FIRST + HOURS)) for kernel in (Kernel(), LAGGING)]
    owner, hour = np.repeat(numbers, 5), (worked[:, None] + np.arange(5)).reshape(-1)
    tokens = np.bincount(hour - FIRST, random.lognormal(10, 1, len(hour)), HOURS).astype(float)
    return activities, tokens, (owner, hour)


def test_the_usual_kernel_stays_where_activity_is_work_time() -> None:
    activities, tokens, linked = worlds(lag=0)
    assert choose(activities, tokens, FIRST, linked).place == 0
    assert choose(activities, tokens, FIRST, NO_LINKS).place == 0


def test_linked_hours_show_that_commits_are_pushed_later() -> None:
    activities, tokens, linked = worlds(lag=20)
    assert choose(activities, tokens, FIRST, linked).place == 1


def test_a_single_kernel_is_the_chosen_one() -> None:
    activities, tokens, linked = worlds(lag=20)
    assert choose(activities[:1], tokens, FIRST, linked).place == 0


def test_a_team_with_few_tokens_keeps_the_usual_kernel() -> None:
    activities, tokens, _ = worlds(lag=20)
    assert choose(activities, 0 * tokens, FIRST, NO_LINKS) == (0, 1.0)
