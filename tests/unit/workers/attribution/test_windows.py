import pytest

from tests.unit.workers.attribution.builders import at
from vocabulary.tokens import TokenCounts
from workers.attribution.model import Evidence
from workers.attribution.windows import Amounts, Dimensions, EventGroup, Move, add_up, window

DIMENSIONS = Dimensions("claude-code", "anthropic", "claude-sonnet-4-5", "", "", "")
BRANCH = Evidence(branch=b"fix")
AMOUNTS = Amounts(2, TokenCounts(100, 20, 3, 4, 5), 7, 0, 1, 2, 300)
GROUP = EventGroup(1, at(9), DIMENSIONS, None, BRANCH, at(9.5), at(9.75), AMOUNTS)


def test_equal_hours_dimensions_and_evidence_are_one_window() -> None:
    assert window(1, at(9), DIMENSIONS, BRANCH) == window(1, at(9), Dimensions(*DIMENSIONS), Evidence(branch=b"fix"))


def test_windows_differ_by_team_hour_dimension_and_evidence() -> None:
    windows = [
        window(1, at(9), DIMENSIONS, BRANCH),
        window(2, at(9), DIMENSIONS, BRANCH),
        window(1, at(10), DIMENSIONS, BRANCH),
        *(window(1, at(9), DIMENSIONS._replace(**{name: "x"}), BRANCH) for name in DIMENSIONS._fields),
        *(window(1, at(9), DIMENSIONS, Evidence(**{name: b"fix"})) for name in ("artifact", "number", "commit")),
        window(1, at(9), DIMENSIONS, Evidence(repository=b"fix")),
        window(1, at(9), DIMENSIONS, Evidence()),
    ]
    assert len({each.window_id for each in windows}) == len(windows)


def test_neighbouring_dimensions_do_not_run_into_each_other() -> None:
    one = DIMENSIONS._replace(source="ab", provider="c")
    two = DIMENSIONS._replace(source="a", provider="bc")
    assert window(1, at(9), one, BRANCH).window_id != window(1, at(9), two, BRANCH).window_id


def test_new_events_add_up_in_their_window() -> None:
    unpriced = GROUP._replace(amounts=Amounts(1, TokenCounts(100), 0, 100))
    (change,) = add_up([Move(GROUP, None, BRANCH), Move(unpriced, None, BRANCH)])
    assert change.place == window(1, at(9), DIMENSIONS, BRANCH)
    assert (change.requests, change.tokens) == (3, TokenCounts(200, 20, 3, 4, 5))
    assert (change.cost_nano_usd, change.unpriced_tokens) == (7, 100)
    assert (change.failed_requests, change.timed_requests, change.duration_ms) == (1, 2, 300)


def test_moved_events_leave_their_old_window_as_much_as_they_bring_to_the_new_one() -> None:
    commit = Evidence(commit=b"c")
    found = {change.place.evidence: change for change in add_up([Move(GROUP, BRANCH, commit)])}
    assert set(found) == {BRANCH, commit}
    for name in ("requests", "cost_nano_usd", "unpriced_tokens", "failed_requests", "timed_requests", "duration_ms"):
        assert getattr(found[BRANCH], name) == -getattr(found[commit], name), name
    assert found[commit].tokens == AMOUNTS.tokens
    assert found[BRANCH].tokens.plus(found[commit].tokens) == TokenCounts()


@pytest.mark.parametrize("hours", [(5, 3, 4), (4, 5, 3)])
def test_changes_come_in_the_order_of_their_keys(hours: tuple[int, ...]) -> None:
    moves = [Move(GROUP._replace(hour=at(hour)), None, BRANCH) for hour in hours]
    assert [change.place.hour for change in add_up(moves)] == [at(3), at(4), at(5)]
