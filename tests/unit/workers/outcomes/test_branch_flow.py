"""How work moves between the branches of a repository: hours from a start, branches by name."""

from datetime import UTC, datetime, timedelta

from workers.outcomes.branch_flow import BranchFlow, Passage

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def merged(head: str, base: str, opened: float, ended: float) -> Passage:
    return Passage(head.encode(), base.encode(), at(opened), at(ended), at(ended))


def still_open(head: str, base: str, opened: float) -> Passage:
    return Passage(head.encode(), base.encode(), at(opened), None, None)


def hours(flow: BranchFlow, base: str | None, merged_at: float) -> dict[str | None, float]:
    """When work is on each branch; under "anywhere", when it is open to any release."""
    reach = flow.reach(base.encode() if base else None, at(merged_at))
    found = {branch.decode() if branch else None: instant for branch, instant in reach.branches.items()}
    reported = {name: (instant - START) / timedelta(hours=1) for name, instant in found.items()}
    return reported | ({"anywhere": (reach.anywhere - START) / timedelta(hours=1)} if reach.anywhere else {})


def test_work_is_at_once_on_the_branch_it_is_merged_into() -> None:
    assert hours(BranchFlow((), {}, (), ()), "main", 1) == {"main": 1, "anywhere": 1}


def test_it_goes_on_with_the_pull_requests_of_its_branch_and_with_theirs() -> None:
    flow = BranchFlow((merged("upper", "middle", 0, 2), merged("middle", "main", 0, 3)), {}, (), ())
    assert hours(flow, "upper", 1) == {"upper": 1, "middle": 2, "main": 3, "anywhere": 3}
    assert hours(flow, "middle", 2.5) == {"middle": 2.5, "main": 3, "anywhere": 3}
    assert hours(flow, "middle", 4) == {"middle": 4, "anywhere": 4}


def test_merges_at_one_instant_are_followed_in_any_order() -> None:
    passages = (merged("middle", "main", 0, 2), merged("upper", "middle", 0, 2))
    expected = {"upper": 1, "middle": 2, "main": 2, "anywhere": 2}
    assert hours(BranchFlow(passages, {}, (), ()), "upper", 1) == expected
    assert hours(BranchFlow(passages[::-1], {}, (), ()), "upper", 1) == expected


def test_a_branch_that_begins_later_holds_what_was_there_before() -> None:
    flow = BranchFlow((), {b"release": at(3)}, {b"release"}, ())
    assert hours(flow, "main", 2) == {"main": 2, "release": 3, "anywhere": 2}
    assert hours(flow, "main", 4) == {"main": 4, "anywhere": 4}


def test_an_open_pull_request_holds_the_work_on_its_branch_back() -> None:
    flow = BranchFlow((still_open("lower", "main", 0),), {b"release": at(3)}, {b"release"}, ())
    assert hours(flow, "lower", 1) == {"lower": 1}


def test_a_side_branch_is_open_to_no_release_but_its_own() -> None:
    flow = BranchFlow((), {b"1.x": at(0)}, (), {b"1.x"})
    assert hours(flow, "1.x", 1) == {"1.x": 1}


def test_work_on_an_unknown_branch_is_on_every_mainline() -> None:
    flow = BranchFlow((), {b"main": at(0), b"1.x": at(0)}, {b"main"}, {b"1.x"})
    assert hours(flow, None, 1) == {None: 1, "main": 1, "anywhere": 1}


def test_a_pull_request_of_a_branch_into_itself_leads_nowhere() -> None:
    assert hours(BranchFlow((still_open("main", "main", 0),), {}, (), ()), "main", 1) == {"main": 1, "anywhere": 1}
