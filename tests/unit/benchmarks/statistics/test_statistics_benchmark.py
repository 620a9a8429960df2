import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.benchmarks.statistics.__main__ import main
from tests.benchmarks.statistics.replications import accuracy
from tests.benchmarks.statistics.simulated import Setting, simulate
from workers.statistics.estimates import Estimate
from workers.statistics.verdict import Outcome


def test_the_benchmark_prints_its_seed_and_figures_as_json() -> None:
    printed = CliRunner().invoke(main, ["--replications", "2", "--seed", "7", "--only", "verdicts", "--json"])

    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.stdout)
    assert (found["seed"], found["replications"]) == (7, 2)
    assert {row["verdicts"] for row in found["verdicts"]} == {6}


def test_the_same_seed_draws_the_same_organization() -> None:
    first, second = (simulate(Setting("any", teams=8), np.random.default_rng([3, 1])) for _ in range(2))

    assert (first.outcomes[Outcome.MERGED] == second.outcomes[Outcome.MERGED]).all()


def test_the_true_effect_is_that_of_the_adopted_weeks() -> None:
    drawn = simulate(Setting("any", teams=8, lift=0.0), np.random.default_rng(1))
    doubled = np.where(drawn.rollout.since >= 0, 2 * drawn.plain_mean, drawn.plain_mean)

    truth = type(drawn)(drawn.outcomes, drawn.people, drawn.rollout, doubled, drawn.plain_mean)

    assert truth.true_log_ratio(np.ones(8, bool), 26) == pytest.approx(np.log(2))


def test_bias_is_a_part_of_the_effect_and_coverage_a_share_of_intervals() -> None:
    found = accuracy([Estimate(0.3, 0.05, 1e6), Estimate(0.21, 0.05, 1e6)], [0.2, 0.2])

    assert found.bias == pytest.approx(0.055 / 0.2)
    assert found.coverage == 0.5
