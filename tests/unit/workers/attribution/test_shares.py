from collections import defaultdict

import numpy as np
import pytest

from tests.unit.workers.attribution.builders import at, facts, pull_request, window
from workers.attribution.apportion import LARGEST_TOTAL
from workers.attribution.blocks import blocks
from workers.attribution.cells import cells_of
from workers.attribution.claims import lives_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.fit import Linked
from workers.attribution.matches import match_windows
from workers.attribution.methods import ACTIVITY, METHODS, Method
from workers.attribution.model import Facts, Window
from workers.attribution.shares import RESOLUTION, Explored, Work, shares_of
from workers.attribution.window_columns import Windows

NO_LINKS = Linked(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
NO_EXPLORATION = Explored(np.zeros(0, np.int64), np.zeros(0))


def parts(windows: list[Window], known: Facts, exploratory_share: float, method: Method) -> dict[int, dict[str, float]]:
    """The part of each cell, counted in hours from the Monday, that goes to pull requests and to overhead."""
    columns = Windows.of(windows)
    matches = match_windows(columns, EvidenceIndex(known), {})
    cells = cells_of(columns, matches)
    members = np.ones((len(matches.pools), len(known.pull_requests)), dtype=bool)
    work = Work(lives_of(known.pull_requests), members, cells, NO_LINKS, NO_EXPLORATION)
    days = {each.hour.date() for each in windows}
    shares = shares_of(work, np.arange(len(cells)), blocks(days, method), exploratory_share, method)
    assert sorted(zip(shares.cell, shares.artifact, strict=True)) == list(
        zip(shares.cell, shares.artifact, strict=True)
    )
    names = ["overhead", *(each.artifact_id.decode() for each in known.pull_requests)]
    found = defaultdict[int, dict[str, float]](dict)
    for cell, artifact, weight in zip(shares.cell, shares.artifact, shares.weight, strict=True):
        hour = int(cells.hour[cell] - at(0).timestamp() // 3600)
        found[hour][names[artifact]] = weight / RESOLUTION
    assert np.bincount(shares.cell, shares.weight).max() < LARGEST_TOTAL
    return found


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_the_parts_of_a_cell_add_up_to_one(method: Method) -> None:
    known = facts(*(pull_request(str(index), 5 + index / 4) for index in range(6)))
    found = parts([window(hour) for hour in (0, 4, 5, 6)], known, 0.2, method)
    assert set(found) == {0, 4, 5, 6}
    assert [sum(cell.values()) for cell in found.values()] == pytest.approx([1] * 4, abs=1e-8)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_a_cell_without_claims_is_overhead(method: Method) -> None:
    assert parts([window(4)], facts(pull_request("far", 90)), 0.2, method) == {4: {"overhead": 1}}


def test_without_a_fit_the_exploratory_share_of_each_cell_is_overhead() -> None:
    found = parts([window(4), window(5)], facts(pull_request("a", 5)), 0.25, ACTIVITY)
    assert [cell["overhead"] for cell in found.values()] == [0.25, 0.25]


def test_tokens_of_negligible_shares_go_to_the_others() -> None:
    found = parts([window(4)], facts(pull_request("busy", 5), pull_request("quiet", -100)), 0.25, ACTIVITY)
    assert found == {4: {"overhead": 0.25, "busy": 0.75}}


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_months_apart_are_settled_together_as_they_are_alone(method: Method) -> None:
    known = facts(pull_request("a", 5), pull_request("b", 6), pull_request("c", 4000), pull_request("d", 4001))
    both = parts([window(4), window(3999)], known, 0.2, method)
    assert both == parts([window(4)], known, 0.2, method) | parts([window(3999)], known, 0.2, method)
    assert {*both[4], *both[3999]} >= {"a", "c", "overhead"}
