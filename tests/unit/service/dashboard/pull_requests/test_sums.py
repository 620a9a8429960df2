"""How unevenly money is spread over pull requests."""

import pytest

from service.dashboard.pull_requests.sums import spread_of
from service.queries.ledger.percentiles import Step


def test_the_dearest_tenth_and_the_median_come_from_steps() -> None:
    spread = spread_of([Step(18, 18 * 10), Step(2, 2 * 410)])
    assert spread is not None
    assert (spread.number, spread.median) == (20, 10)
    assert spread.dearest_tenth == pytest.approx(0.82)


def test_a_tenth_may_take_a_part_of_a_step() -> None:
    spread = spread_of([Step(10, 100), Step(10, 300)])
    assert spread is not None
    assert spread.dearest_tenth == pytest.approx(60 / 400)


def test_few_pull_requests_or_free_ones_have_no_spread() -> None:
    assert spread_of([Step(19, 100)]) is None
    assert spread_of([Step(30, 0)]) is None
    assert spread_of([]) is None
