import numpy as np
import pytest

from tests.unit.workers.attribution.builders import DOCS, SHOP_NAME, at, facts, pull_request, window
from workers.attribution.cells import cells_of
from workers.attribution.claims import claims_between, lives_of
from workers.attribution.evidence import EvidenceIndex
from workers.attribution.kernels.kernel import Kernel
from workers.attribution.kernels.summed_kernel import SummedKernel
from workers.attribution.matches import match_windows
from workers.attribution.methods import METHODS, Method
from workers.attribution.model import Facts, Window
from workers.attribution.window_columns import Windows, hour_number

FIRST, LAST = hour_number(at(0)), hour_number(at(24))


def claimed(
    windows: list[Window], known: Facts, kernel: Kernel | SummedKernel, *, spreads_days: bool = False
) -> list[tuple[int, str, str]]:
    """The hour, the pool's evidence and the pull request of each claim."""
    columns, index = Windows.of(windows), EvidenceIndex(known)
    matches = match_windows(columns, index, {})
    cells = cells_of(columns, matches)
    everyone = known.pull_requests
    members = np.zeros((len(matches.pools), len(everyone)), dtype=bool)
    for row, pool in zip(members, matches.pools, strict=True):
        row[:] = [each in index.members(pool) for each in everyone]
    claims = claims_between(
        *(FIRST, LAST),
        lives=lives_of(everyone),
        members=members,
        cells=cells,
        kernel=kernel,
        spreads_days=spreads_days,
    )
    owners = claims.activity.pull_request[claims.entry]
    if not spreads_days:
        assert cells.hour[claims.cell].tolist() == claims.activity.hour[claims.entry].tolist()
    return [
        (int(cells.hour[cell]) - FIRST, matches.pools[cells.pool[cell]].evidence, everyone[owner].artifact_id.decode())
        for cell, owner in zip(claims.cell, owners, strict=True)
    ]


def test_lives_count_hours_and_hold_every_instant_once() -> None:
    lives = lives_of([pull_request("a", 6, ended=9, activity=[5, 6, 9]), pull_request("b", 7)])
    first = at(0).timestamp() / 3600
    assert (lives.opened - first).tolist() == pytest.approx([6, 7])
    assert (lives.ended - first).tolist() == pytest.approx([9, np.inf])
    assert lives.activity_of.tolist() == [0, 0, 1]
    assert (lives.activity - first).tolist() == pytest.approx([5, 6, 7]), "an end is no activity"


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_pull_requests_active_in_an_hour_claim_the_cells_of_their_pools(method: Method) -> None:
    known = facts(
        pull_request("a", 5), pull_request("b", 5, repository_id=DOCS, head_repository_id=DOCS), pull_request("c", 90)
    )
    windows = [window(4), window(5, repository=SHOP_NAME)]
    assert claimed(windows, known, method.kernel) == [(4, "cohort", "a"), (4, "cohort", "b"), (5, "repository", "a")]


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_a_fork_takes_part_in_two_pools_of_one_hour(method: Method) -> None:
    known = facts(pull_request("a", 5, repository_id=DOCS))
    windows = [window(4), window(4, name="reported", repository=SHOP_NAME)]
    assert claimed(windows, known, method.kernel) == [(4, "cohort", "a"), (4, "repository", "a")]


def test_hours_without_a_cell_have_no_claims() -> None:
    assert claimed([window(30)], facts(pull_request("a", 5)), Kernel()) == []
    assert claimed([], facts(pull_request("a", 5)), Kernel()) == []


def test_activity_at_any_hour_claims_the_sum_of_its_day() -> None:
    sums = [window(24 * day) for day in range(-3, 4)]
    known = facts(pull_request("a", 9.5, 12))
    assert claimed(sums, known, Kernel()) == [(0, "cohort", "a")], "only what reaches midnight"
    of_day = claimed(sums, known, Kernel(), spreads_days=True)
    assert len(of_day) == 13, "every hour from midnight to the end"
    assert set(of_day) == {(0, "cohort", "a")}
