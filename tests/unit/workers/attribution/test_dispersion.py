"""What a ledger tells of how its pools were split."""

import pytest

from tests.unit.workers.attribution.builders import SHOP_NAME, facts, pull_request, window
from workers.attribution.dispersion import THIN, Dispersion, dispersion_of
from workers.attribution.ledger import AttributionRows
from workers.attribution.methods import ACTIVITY
from workers.attribution.model import COHORT, REPOSITORY, PullRequest, Window
from workers.attribution.settle import settle


def settled(windows: list[Window], *pull_requests: PullRequest) -> AttributionRows:
    return settle(windows, facts(*pull_requests), 0.0, ACTIVITY).rows


def twins(count: int) -> tuple[PullRequest, ...]:
    return tuple(pull_request(f"p{each}", 2, 24) for each in range(count))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_equal_pull_requests_are_as_crowded_as_their_number(count: int) -> None:
    found = dispersion_of(settled([window(1, 100_000)], *twins(count)), COHORT, [b"p0"])
    assert found == Dispersion(pytest.approx(count, rel=1e-3), 0.0)


def test_one_that_has_nearly_all_is_hardly_crowded_by_another() -> None:
    near, far = pull_request("near", 2, 24), pull_request("far", 3, 24)
    rows = settled([window(1, 100_000)], near, far)
    shares = [row.tokens.total / 100_000 for row in rows]
    found = dispersion_of(rows, COHORT, [b"near", b"far"])
    assert found is not None
    assert found.crowding == pytest.approx(1 / sum(share**2 for share in shares))
    # The exact value stands above. This says what it means: between alone (1) and two alike (2).
    assert 1 < found.crowding < 1.9


def test_tokens_count_and_not_hours() -> None:
    rows = settled([window(1, 900_000), window(100, 100_000)], *twins(2), pull_request("alone", 101, 124))
    found = dispersion_of(rows, COHORT, [b"p0"])
    assert found is not None
    assert found.crowding == pytest.approx(1 / (0.9 / 2 + 0.1), rel=1e-3)


def test_those_with_little_of_the_mean_are_thin_and_those_with_nothing_too() -> None:
    rows = settled(
        [window(1, 1_000_000), window(101, 10_000)],
        pull_request("much", 2, 24),
        pull_request("little", 102, 124),
        pull_request("nothing", 300, 324),
    )
    assert THIN > 0.02
    found = dispersion_of(rows, COHORT, [b"much", b"little", b"nothing"])
    assert found is not None
    assert found.thin == pytest.approx(2 / 3)


def test_linked_tokens_and_those_of_other_evidence_do_not_crowd() -> None:
    both = [window(1, 100_000, repository=SHOP_NAME), window(1, 50_000, name="linked", artifact=b"p0")]
    rows = settled(both, *twins(2))
    found = dispersion_of(rows, REPOSITORY, [b"p0", b"p1"])
    assert found == Dispersion(pytest.approx(2, rel=1e-3), 0.0)
    assert dispersion_of(rows, COHORT, [b"p0", b"p1"]) is None


def test_without_pull_requests_there_is_no_dispersion() -> None:
    rows = settled([window(1, 100)], *twins(1))
    assert dispersion_of(rows, COHORT, []) is None
    assert dispersion_of(settled([]), COHORT, []) is None
