"""Which pull requests are taken back, as stories of one repository: hours from a start, everything by name."""

import itertools
from datetime import UTC, datetime, timedelta

from workers.outcomes.reverted import Holders, Merged, Revert, RevertReport, find_reverted

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def merged(name: str, hours: float, base: str = "main") -> Merged:
    return Merged(name.encode(), at(hours - 1), at(hours), base.encode())


PAGE, BACK, AGAIN = merged("page", 1), merged("back", 3), merged("again", 5)
MERGED = {each.artifact_id: each for each in (PAGE, BACK, AGAIN)}


def says(source: str, target: str, kind: str = "pull_request") -> RevertReport:
    """A pull request says that it takes something back."""
    return RevertReport("pull_request", source.encode(), kind, target.encode(), b"", START)


def pushed(source: str, target: str, hours: float, branch: str = "main", kind: str = "commit") -> RevertReport:
    """A commit was pushed that takes something back."""
    return RevertReport("commit", source.encode(), kind, target.encode(), branch.encode(), at(hours))


def reverted(
    *reported: RevertReport, commits: dict[str, Merged] | None = None, titles: dict[str, list[Merged]] | None = None
) -> dict[str, Revert]:
    holders = Holders(
        MERGED,
        {name.encode(): [holder] for name, holder in (commits or {}).items()},
        {name.encode(): holders for name, holders in (titles or {}).items()},
    )
    found = find_reverted(reported, holders)
    for order in itertools.permutations(reported):
        assert find_reverted(order, holders) == found
    return {name.decode(): taken for name, taken in found.items()}


def test_a_merged_revert_takes_back_when_it_is_merged() -> None:
    assert reverted(says("back", "page")) == {"page": Revert(at(3), b"back")}


def test_a_revert_that_is_not_merged_takes_nothing_back() -> None:
    assert reverted(says("open", "page")) == {}


def test_a_revert_before_the_merge_does_not_count() -> None:
    assert reverted(says("page", "back")) == {}


def test_a_revert_of_the_revert_brings_it_back() -> None:
    assert reverted(says("back", "page"), says("again", "back")) == {"back": Revert(at(5), b"again")}


def test_a_commit_of_a_merged_pull_request_takes_back_as_that_pull_request() -> None:
    commits = {"squash": PAGE, "undo": BACK}
    assert reverted(pushed("undo", "squash", 2, "feature"), commits=commits) == {"page": Revert(at(3), b"back")}


def test_a_commit_pushed_straight_to_the_base_branch_takes_back_at_once() -> None:
    assert reverted(pushed("undo", "squash", 2), commits={"squash": PAGE}) == {"page": Revert(at(2), None)}


def test_a_commit_on_another_branch_is_only_an_attempt() -> None:
    assert reverted(pushed("undo", "squash", 2, "feature"), commits={"squash": PAGE}) == {}


def test_a_pushed_revert_may_be_reverted_by_a_push() -> None:
    reported = (pushed("undo", "squash", 2), pushed("redo", "undo", 4))
    assert reverted(*reported, commits={"squash": PAGE}) == {}


def test_a_pull_request_that_undoes_its_own_commit_is_not_reverted() -> None:
    commits = {"one": PAGE, "undo": PAGE}
    assert reverted(pushed("undo", "one", 0.5, "feature"), commits=commits) == {}


def test_a_revert_undone_in_the_same_pull_request_takes_nothing_back() -> None:
    commits = {"squash": PAGE, "undo": BACK, "redo": BACK}
    reported = (pushed("undo", "squash", 2, "feature"), pushed("redo", "undo", 2.5, "feature"))
    assert reverted(*reported, commits=commits) == {}


def test_a_title_means_the_last_of_that_name_merged_before() -> None:
    former, later = merged("former", 0.5), merged("later", 4)
    assert reverted(says("back", "Add a page", "title"), titles={"Add a page": [former, PAGE, later]}) == {
        "page": Revert(at(3), b"back")
    }
    assert reverted(says("back", "Add a page", "title")) == {}


def test_the_first_of_several_reverts_counts() -> None:
    reported = (says("back", "page"), says("again", "page"), pushed("undo", "page", 4, kind="pull_request"))
    assert reverted(*reported) == {"page": Revert(at(3), b"back")}


def test_pull_requests_that_take_each_other_back_end_somewhere() -> None:
    same = {name: merged(name, 1) for name in ("one", "two")}
    holders = Holders({each.artifact_id: each for each in same.values()})
    found = find_reverted([says("one", "two"), says("two", "one")], holders)
    assert len(found) == 1
