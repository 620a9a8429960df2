"""How often merged pull requests were reworked, by what they were made with."""

import numpy as np
import pytest

from workers.statistics.iterations import COUNTED, GroupFound, MergedWork, ai_shares, rate, study_iterations
from workers.statistics.study import Size
from workers.statistics.versions import Design

LEAST = Size(people=5, pull_requests=20)


def work(teams: int = 8, seed: int = 1, factor: float = 1.3, **changed: object) -> MergedWork:
    """Pull requests of 6 periods; the large window is used by busier teams and for larger work, and adds rounds."""
    random = np.random.default_rng(seed)
    team = np.repeat(np.arange(teams), 240)
    period = np.tile(np.repeat(np.arange(6), 40), teams)
    lines = np.exp(random.normal(4, 1, len(team)))
    busy = np.exp(0.5 * random.standard_normal(teams))[team]
    is_large = random.random(len(team)) < 1 / (1 + np.exp(-0.8 * (np.log(lines) - 4) - np.log(busy)))
    mean = busy * np.exp(0.3 * (np.log1p(lines) - 4)) * np.where(is_large, factor, 1.0)
    counted = {name: random.poisson(mean).astype(np.float64) for name in COUNTED}
    windows = tuple("1m" if large else "" for large in is_large)
    values = {
        "team": team,
        "period": period,
        "people": np.full(len(team), 8.0),
        "lines": lines,
        "output": 100 * lines,
        "made_with": dict.fromkeys(("context_tier", "model_family", "prompt_version"), windows),
        "counted": counted,
    }
    return MergedWork(**{**values, **changed})


def groups(found: MergedWork, dimension: str = "context_tier") -> dict[str | None, GroupFound]:
    return {each.group: each for each in study_iterations(found, LEAST).dimensions[dimension]}


def test_a_group_is_compared_within_teams_and_for_the_same_size() -> None:
    found = groups(work())

    large, standard = found["1m"], found[""]
    assert standard.effects == {} or large.effects == {}
    compared = large if large.effects else standard
    change = compared.effects["review_rounds"]
    assert change is not None
    assert compared.design is Design.SIDE_BY_SIDE
    truth = 0.3 if compared is large else 1 / 1.3 - 1
    assert change.effect.low < truth < change.effect.high
    each = [group.rates["review_rounds"].each for group in (large, standard)]
    assert each[0] / each[1] > 1.5, "bare means exaggerate"


def test_groups_sum_to_the_total() -> None:
    study = study_iterations(work(), LEAST)

    for found in study.dimensions.values():
        assert sum(each.pull_requests for each in found) == study.total.pull_requests
        for name in COUNTED:
            assert sum(each.rates[name].total for each in found) == study.total.rates[name].total


def test_a_group_that_replaced_another_is_compared_before_and_after() -> None:
    known = work()
    replaced = tuple(
        "v2" if period >= 3 + team % 2 else "v1" for team, period in zip(known.team, known.period, strict=True)
    )

    found = groups(work(made_with={**known.made_with, "prompt_version": replaced}), "prompt_version")

    (compared,) = [each for each in found.values() if each.effects]
    assert compared.design is Design.BEFORE_AFTER


def test_pull_requests_without_tokens_are_a_group_of_their_own_and_never_the_reference() -> None:
    known = work()
    mostly_none = tuple(None if place % 3 else "1m" for place in range(len(known.team)))

    found = study_iterations(work(made_with={**known.made_with, "context_tier": mostly_none}), LEAST)

    first, last = found.dimensions["context_tier"]
    assert (first.group, last.group) == ("1m", None)
    assert last.pull_requests > first.pull_requests
    assert last.effects


def test_small_teams_are_left_out_beside_others() -> None:
    known = work()
    people = np.where(known.team == 0, 4.0, np.nan)

    study = study_iterations(work(people=people), LEAST)

    assert study.total.pull_requests == 7 * 240
    assert study.total.teams == 7


def test_a_single_team_is_shown_and_compared_by_its_periods() -> None:
    study = study_iterations(work(teams=1, people=np.full(240, 3.0)), LEAST)

    assert study.total.pull_requests == 240
    assert study.total.rates["reverted"].low is None
    assert any(each.effects for each in study.dimensions["context_tier"])


def test_nothing_merged_is_no_group() -> None:
    nothing = work().at(np.zeros(8 * 240, dtype=bool))

    study = study_iterations(nothing, LEAST)

    assert study.total.pull_requests == 0
    assert study.dimensions["context_tier"] == ()
    assert study.total.rates["reverted"] == (0, None, None, None)


def test_very_many_prompt_versions_are_summed_as_others() -> None:
    known = work()
    many = tuple(f"prompt/{place % 40}" for place in range(len(known.team)))

    found = groups(work(made_with={**known.made_with, "prompt_version": many}), "prompt_version")

    assert len(found) == 21
    assert found["other"].pull_requests == 20 * len(many) // 40


def test_an_ai_share_is_a_third_by_output_tokens_for_each_changed_line() -> None:
    known = work().at(np.arange(8 * 240) < 6)
    lines = np.array([10.0, 10.0, 10.0, np.nan, 10.0, 0.0])
    output = np.array([10.0, 100.0, 1000.0, 50.0, 0.0, 5.0])

    shares = ai_shares(
        MergedWork(known.team, known.period, known.people, lines, output, known.made_with, known.counted)
    )

    assert shares == ("low", "middle", "high", "", None, "")


def test_a_rate_has_an_interval_from_the_variation_between_teams() -> None:
    team = np.repeat(np.arange(10), 100)
    counts = np.where(np.arange(1000) % 4 == 0, 1.0, 0.0)

    even = rate(counts, team)
    uneven = rate(np.where(team < 5, 2 * counts, 0.0), team)

    assert (even.total, even.each) == (250, 0.25)
    assert even.low == pytest.approx(0.25)
    assert uneven.low is not None
    assert uneven.high is not None
    assert uneven.low < 0.15
    assert uneven.high > 0.35


def test_a_rate_of_nothing_still_has_an_upper_end() -> None:
    assert rate(np.zeros(300), np.repeat(np.arange(10), 30)) == (0, 0.0, 0.0, 0.01)
