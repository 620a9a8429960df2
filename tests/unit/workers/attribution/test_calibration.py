"""A team's own errors, measured where links tell the truth."""

import numpy as np
import pytest

from tests.unit.workers.attribution.builders import facts, pull_request, window
from vocabulary.intervals import Doubt, Quantiles
from workers.attribution.calibration import (
    LEAST_LINKED,
    TRUST,
    WIDENING,
    _shrunk,
    calibrate_team,
    disperse,
    linked_share,
    measure,
    pooled_tokens,
)
from workers.attribution.disturbances import disturbances
from workers.attribution.interval_defaults import default_quantiles
from workers.attribution.intervals import ENOUGH
from workers.attribution.methods import CURRENT
from workers.attribution.model import COHORT, Facts, Window
from workers.attribution.settle import prepare, settle
from workers.attribution.widening import widened
from workers.attribution.window_columns import Windows

DAY = 24


def busy_team(pull_requests: int, linked_of_ten: int = 10) -> tuple[Windows, Facts]:
    """One pull request after the other, a day each, with ten windows of very different size."""
    numbers = np.random.default_rng(3)
    known, windows = [], list[Window]()
    for each in range(pull_requests):
        begins = each * DAY
        pulled = pull_request(f"p{each:03}", begins + 4, begins + 30, activity=(begins + 6, begins + 9))
        known.append(pulled)
        for hour, tokens in enumerate(numbers.lognormal(9, 1.2, size=10).astype(int).tolist()):
            linked = {"artifact": pulled.artifact_id} if hour < linked_of_ten else {}
            windows.append(window(begins + hour, tokens, name=str(each), **linked))
    return Windows.of(windows), facts(*known)


def test_the_linked_share_is_of_tokens() -> None:
    pulled = pull_request("p", 0, 24)
    windows = Windows.of([window(1, 300, artifact=b"p"), window(2, 100)])
    assert linked_share(windows, facts(pulled)) == pytest.approx(0.75)
    assert linked_share(Windows.of([]), facts(pulled)) == 0.0


def test_all_hidden_tokens_are_compared_with_what_the_method_gives_for_them() -> None:
    windows, known = busy_team(30)
    measured = measure(windows, known, 0.0, CURRENT, COHORT, linked=0.5)
    total = windows.amounts[:, :5].sum()
    assert 0.3 < measured.true.sum() / total < 0.7
    assert measured.estimate.sum() == pytest.approx(measured.true.sum(), rel=0.15)


def test_split_and_linked_tokens_are_kept_apart() -> None:
    pulled = pull_request("p", 2, 24)
    ledger = settle([window(1, 300, artifact=b"p"), window(1, 100, name="pooled")], facts(pulled), 0.0)
    assert pooled_tokens(ledger) == {b"p": 100}


def test_a_team_without_links_takes_the_errors_of_simulated_teams() -> None:
    windows, known = busy_team(60, linked_of_ten=0)
    seen = disperse(windows, known, 0.2, CURRENT, COHORT)
    assert seen is not None
    disturbed = disturbances(prepare(windows, known)[2], CURRENT)
    default = default_quantiles(COHORT, 0.0, seen._replace(closeness=disturbed.closeness))
    found = calibrate_team(windows, known, 0.2, CURRENT, COHORT)
    assert found == (widened(default, disturbed.doubts, 0.0), 0, disturbed.doubts, disturbed.direct_error)
    assert Doubt.EXPLORATION_ASSUMED in found.doubts


def test_a_team_with_few_pull_requests_takes_the_errors_of_simulated_teams() -> None:
    windows, known = busy_team(ENOUGH // 2)
    linked = linked_share(windows, known)
    assert linked > LEAST_LINKED
    found = calibrate_team(windows, known, 0.2, CURRENT, COHORT)
    assert found.measured == 0
    assert found.quantiles == default_quantiles(COHORT, linked, disperse(windows, known, 0.2, CURRENT, COHORT))


def test_a_linked_team_s_own_errors_count_beside_those_of_simulated_teams() -> None:
    windows, known = busy_team(80)
    calibrated = calibrate_team(windows, known, 0.0, CURRENT, COHORT)
    assert disperse(windows, known, 0.0, CURRENT, COHORT) is None, "all is linked"
    default = default_quantiles(COHORT, linked_share(windows, known), None)
    assert calibrated.measured == 79, "the last one ends after the last window"
    assert [each.pull_requests for each in calibrated.quantiles] == [each.pull_requests for each in default]
    own, simulated = calibrated.quantiles[0], default[0]
    assert own != simulated
    assert abs(own.high - simulated.high) < abs(simulated.high) * 80 / (80 + TRUST) * 2, "own errors are smaller"
    assert calibrated.quantiles[-1] == default[-1], "sums of a hundred were never measured"


def test_a_team_whose_pull_requests_crowd_is_less_sure() -> None:
    alone, known_alone = busy_team(30, linked_of_ten=0)
    crowd = facts(
        *(pull_request(f"{name}{each:03}", each * DAY + 4, each * DAY + 30) for each in range(30) for name in "abc")
    )
    seen, crowded = (disperse(alone, known, 0.2, CURRENT, COHORT) for known in (known_alone, crowd))
    assert seen is not None
    assert crowded is not None
    assert crowded.crowding > 2 > seen.crowding
    (low, high), (crowded_low, crowded_high) = (
        calibrate_team(alone, known, 0.2, CURRENT, COHORT).quantiles[0][1:] for known in (known_alone, crowd)
    )
    assert crowded_low < low < high < crowded_high


def test_wider_own_errors_count_fast_and_narrower_ones_slowly() -> None:
    default = (Quantiles(1, -1.0, 1.0),)
    (found,) = _shrunk((Quantiles(1, -2.0, 0.5),), default, 1.0, 70)
    assert found.low == pytest.approx(-1 - 70 / (70 + WIDENING))
    assert found.high == pytest.approx(1 - 0.5 * 70 / (70 + TRUST))
