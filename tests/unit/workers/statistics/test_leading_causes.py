import numpy as np

from workers.statistics.leading_causes import Candidate, rank_causes
from workers.statistics.spikes import Spike

DAYS, STEP = 84, 77
LABELS = [
    {"team": team, "model": model, "prompt": prompt}
    for team in ("web", "mobile")
    for model in ("sonnet", "opus")
    for prompt in ("v6", "v7")
]
SPIKE = Spike(began=STEP, found=DAYS - 1, expected=0, spent=0)


def company(dimension: str, value: str, factor: float) -> np.ndarray:
    weekdays = np.tile([10.0, 10, 10, 10, 10, 1, 1], DAYS // 7)
    cells = np.stack([weekdays * (1 + place % 3) for place in range(len(LABELS))])
    for place, labels in enumerate(LABELS):
        if labels[dimension] == value:
            cells[place, STEP:] *= factor
    return cells


def test_the_value_that_rose_is_named_before_those_that_share_in_it() -> None:
    for dimension, value in (("team", "web"), ("model", "opus"), ("prompt", "v7")):
        first, *_ = rank_causes(company(dimension, value, 2.0), LABELS, SPIKE)
        assert first.candidate == Candidate(dimension, value)
        assert first.spent == 2 * first.expected
        assert not first.is_change


def test_a_value_that_is_new_is_a_change_and_comes_first() -> None:
    cells = company("prompt", "v7", 3.0)
    cells[[labels["prompt"] == "v7" for labels in LABELS], :STEP] = 0
    first, *_ = rank_causes(cells, LABELS, SPIKE)
    assert (first.candidate, first.is_change, first.expected) == (Candidate("prompt", "v7"), True, 0)


def test_a_known_change_near_the_day_comes_first_if_it_explains_nearly_as_much() -> None:
    cells = company("team", "web", 2.0)
    model = Candidate("model", "opus")
    cells[[labels["model"] == "opus" for labels in LABELS], STEP:] *= 1.9
    assert rank_causes(cells, LABELS, SPIKE)[0].candidate == Candidate("team", "web")
    assert rank_causes(cells, LABELS, SPIKE, [(model, STEP + 1)])[0].candidate == model
    assert rank_causes(cells, LABELS, SPIKE, [(model, STEP - 20)])[0].candidate == Candidate("team", "web")


def test_what_did_not_rise_is_no_cause() -> None:
    assert rank_causes(company("team", "web", 1.0), LABELS, SPIKE) == []
    assert all(each.excess > 0 for each in rank_causes(company("team", "web", 2.0), LABELS, SPIKE))
