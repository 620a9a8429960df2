"""What releases ship, as stories of one repository: hours from a start, branches and pull requests by name."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from vocabulary.tag_names import read_tag
from workers.outcomes.branch_flow import Passage
from workers.outcomes.shipping import FIX_WITHIN, Merge, Shipping, find_fixes, ship

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 24


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def merge(name: str, hours: float, base: str | None = "main") -> Merge:
    return Merge(name.encode(), base.encode() if base else None, at(hours))


def release(tag: str, hours: float, **values: Any) -> Shipping:
    """A release of a tag; times in hours, branches and reported pull requests as text."""
    name = read_tag(tag)
    reported = values.pop("reported", None)
    for key in ("branch", "target"):
        if key in values:
            values[key] = values[key].encode()
    for key in ("reached_at", "tagged_at"):
        if key in values:
            values[key] = at(values[key])
    if name.version is not None:
        values = {"numbers": name.version.numbers, "is_prerelease": name.version.is_prerelease, **values}
    if reported is not None:
        values["reported"] = frozenset(each.encode() for each in reported)
    return Shipping(tag.encode(), values.pop("family", name.family.encode()), at(hours), **values)


def passage(head: str, base: str, opened: float, ended: float | None = None, *, merged: bool = True) -> Passage:
    end = None if ended is None else at(ended)
    return Passage(head.encode(), base.encode(), at(opened), end, end if merged else None)


def shipped(
    releases: list[Shipping],
    merges: list[Merge],
    passages: tuple[Passage, ...] = (),
    begins: dict[str, float] | None = None,
) -> dict[str, set[str]]:
    """Pull requests by tag; whatever the order in which the facts are given."""
    begun = {branch.encode(): at(hours) for branch, hours in (begins or {}).items()}
    found = ship(releases, merges, passages, begun)
    again = ship(releases[::-1], merges[::-1], passages[::-1], begun)
    assert found == again
    return {
        tag.decode(): {each.decode() for each in pull_requests} for tag, pull_requests in found.pull_requests.items()
    }


def test_a_release_ships_what_was_merged_since_the_one_before() -> None:
    merges = [merge("one", 1), merge("two", 3), merge("three", 5)]
    assert shipped([release("v1.0", 2), release("v1.1", 4)], merges) == {"v1.0": {"one"}, "v1.1": {"two"}}


def test_a_merge_at_the_instant_of_the_release_is_in_it() -> None:
    assert shipped([release("v1.0", 2)], [merge("one", 2)]) == {"v1.0": {"one"}}


def test_packages_of_one_repository_each_count_from_their_own_release() -> None:
    merges = [merge("one", 1), merge("two", 3), merge("three", 5)]
    releases = [release("a@1.0.0", 2), release("@scope/b@1.0.0", 4), release("a@1.1.0", 6), release("b/v1.0.0", 6)]
    assert shipped(releases, merges) == {
        "a@1.0.0": {"one"},
        "a@1.1.0": {"two", "three"},
        "@scope/b@1.0.0": {"one", "two"},
        "b/v1.0.0": {"one", "two", "three"},
    }


def test_a_prerelease_ships_first_and_its_release_the_rest() -> None:
    merges = [merge("one", 1), merge("two", 3), merge("three", 5)]
    releases = [release("v1.0.0-rc.1", 2), release("v1.0.0-rc.2", 4), release("v1.0.0", 6)]
    assert shipped(releases, merges) == {"v1.0.0-rc.1": {"one"}, "v1.0.0-rc.2": {"two"}, "v1.0.0": {"three"}}


def test_the_exact_one_of_simultaneous_tags_ships() -> None:
    assert shipped([release("v1", 2), release("v1.2.3", 2)], [merge("one", 1)]) == {"v1": set(), "v1.2.3": {"one"}}


def test_a_moving_tag_takes_nothing_from_the_release_that_it_follows() -> None:
    releases = [release("v1.2.3", 2), release("v1", 2.1), release("v1.2.4", 9)]
    assert shipped(releases, [merge("one", 1), merge("two", 8)]) == {"v1.2.3": {"one"}, "v1": set(), "v1.2.4": {"two"}}


def test_a_release_is_cut_where_its_commit_is_and_not_when_it_is_published() -> None:
    merges = [merge("one", 1), merge("late", 5)]
    published = release("v1.0", 9, branch="main", reached_at=1, tagged_at=8)
    assert shipped([published], merges, begins={"main": 0}) == {"v1.0": {"one"}}


def test_without_its_commit_a_release_is_cut_when_its_tag_is_made() -> None:
    assert shipped([release("v1.0", 9, tagged_at=4)], [merge("one", 1), merge("late", 5)]) == {"v1.0": {"one"}}


def test_a_tag_moved_on_ships_what_came_in_between() -> None:
    merges = [merge("one", 1), merge("two", 5)]
    assert shipped([release("v1.0", 2, tagged_at=2)], merges) == {"v1.0": {"one"}}
    assert shipped([release("v1.0", 2, tagged_at=6)], merges) == {"v1.0": {"one", "two"}}


HOTFIX = [merge("one", 1), merge("main", 3), merge("fix", 4, "1.x"), merge("next", 5)]


def test_a_hotfix_branch_known_by_its_commit_ships_its_own_work() -> None:
    releases = [
        release("v1.0.0", 2, branch="main", reached_at=1),
        release("v1.0.1", 4.5, branch="1.x", reached_at=4),
        release("v1.1.0", 6, branch="main", reached_at=5),
    ]
    expected = {"v1.0.0": {"one"}, "v1.0.1": {"fix"}, "v1.1.0": {"main", "next"}}
    assert shipped(releases, HOTFIX, begins={"main": 0, "1.x": 2.5}) == expected


def test_a_hotfix_branch_known_by_the_release_target_ships_its_own_work() -> None:
    releases = [
        release("v1.0.0", 2, target="main"),
        release("v1.0.1", 4.5, target="1.x"),
        release("v1.1.0", 6, target="main"),
    ]
    expected = {"v1.0.0": {"one"}, "v1.0.1": {"fix"}, "v1.1.0": {"main", "next"}}
    assert shipped(releases, HOTFIX, begins={"main": 0, "1.x": 2.5}) == expected


def test_a_hotfix_merged_back_has_shipped_already() -> None:
    releases = [
        release("v1.0.1", 4.5, branch="1.x", reached_at=4),
        release("v1.1.0", 6, branch="main", reached_at=5.5),
    ]
    back = (passage("1.x", "main", 5, 5.2),)
    assert shipped(releases, HOTFIX, back, {"main": 0, "1.x": 2.5}) == {
        "v1.0.1": {"one", "fix"},
        "v1.1.0": {"main", "next"},
    }


def test_a_lower_version_from_an_unknown_branch_takes_nothing_from_the_mainline() -> None:
    releases = [release("v2.0.0", 2, target="main"), release("v1.9.1", 4.5, target="main"), release("v2.1.0", 6)]
    merges = [merge("one", 1), merge("two", 3)]
    assert shipped(releases, merges, begins={"main": 0}) == {"v2.0.0": {"one"}, "v1.9.1": set(), "v2.1.0": {"two"}}


def test_a_release_branch_ships_what_the_mainline_held_when_it_began() -> None:
    merges = [merge("one", 1), merge("late", 3), merge("on the branch", 4, "release/1.0")]
    cut = release("v1.0.0", 5, branch="release/1.0", reached_at=4)
    assert shipped([cut], merges, begins={"release/1.0": 2}) == {"v1.0.0": {"one", "on the branch"}}


def test_merges_into_develop_ship_when_develop_is_merged() -> None:
    merges = [merge("one", 1, "develop"), merge("two", 4, "develop"), merge("release", 3)]
    flow = (passage("develop", "main", 2, 3),)
    releases = [release("v1.0.0", 5, branch="main", reached_at=3)]
    assert shipped(releases, merges, flow, {"main": 0}) == {"v1.0.0": {"one", "release"}}


def test_a_stacked_pull_request_ships_with_the_one_below_it() -> None:
    merges = [merge("upper", 2, "lower"), merge("lower", 6)]
    stack = (passage("lower", "main", 1, 6),)
    releases = [release("v1.0.0", 4), release("v1.1.0", 8)]
    assert shipped(releases, merges, stack) == {"v1.0.0": set(), "v1.1.0": {"upper", "lower"}}


def test_a_stack_whose_lowest_pull_request_is_abandoned_never_ships() -> None:
    stack = (passage("lower", "main", 1, 6, merged=False),)
    assert shipped([release("v1.0.0", 8)], [merge("upper", 2, "lower")], stack) == {"v1.0.0": set()}


def test_releases_tagged_on_a_branch_that_nothing_is_merged_into_ship_what_was_merged_elsewhere() -> None:
    merges = [merge("one", 1, "develop"), merge("two", 3, "develop")]
    releases = [
        release("v1.0.0", 2, branch="main", reached_at=1.5),
        release("v1.1.0", 4, branch="main", reached_at=3.5),
    ]
    assert shipped(releases, merges, begins={"main": 1.5}) == {"v1.0.0": {"one"}, "v1.1.0": {"two"}}


def test_a_renamed_mainline_keeps_what_was_merged_under_its_former_name() -> None:
    merges = [merge("one", 1, "master"), merge("two", 3)]
    assert shipped([release("v1.0", 4, branch="main", reached_at=3)], merges, begins={"main": 2}) == {
        "v1.0": {"one", "two"}
    }


def test_pull_requests_with_an_unknown_base_ship_from_the_mainline() -> None:
    releases = [
        release("v1.1.0", 2, branch="main", reached_at=1),
        release("v1.0.1", 4, branch="1.x", reached_at=4),
        release("v1.2.0", 6, branch="main", reached_at=5),
    ]
    merges = [merge("one", 1, None), merge("two", 3, None)]
    assert shipped(releases, merges, begins={"main": 0, "1.x": 0}) == {
        "v1.1.0": {"one"},
        "v1.0.1": set(),
        "v1.2.0": {"two"},
    }


def test_an_explicit_list_stays_whatever_earlier_releases_ship() -> None:
    merges = [merge("one", 1), merge("two", 3)]
    listed = release("v1.1", 4, reported={"one", "two", "unheard of"})
    assert shipped([listed, release("v1.0", 2)], merges) == {"v1.0": set(), "v1.1": {"one", "two", "unheard of"}}


def test_a_pull_request_in_two_lists_belongs_to_the_earlier_release() -> None:
    releases = [release("v1.0", 2, reported={"one"}), release("v1.1", 4, reported={"one", "two"})]
    assert shipped(releases, []) == {"v1.0": {"one"}, "v1.1": {"two"}}


def test_pull_requests_missing_from_a_list_do_not_ship_with_the_next_release() -> None:
    merges = [merge("unlisted", 1), merge("listed", 1), merge("new", 3)]
    releases = [release("v1.0", 2, reported={"listed"}), release("v1.1", 4)]
    assert shipped(releases, merges) == {"v1.0": {"listed"}, "v1.1": {"new"}}


def test_an_empty_list_ships_nothing() -> None:
    assert shipped([release("v1.0", 2, reported=set())], [merge("one", 1)]) == {"v1.0": set()}


def test_a_release_stored_before_there_were_families_counts_in_each() -> None:
    old = release("old", 2, family=None, reported={"one"})
    merges = [merge("one", 1), merge("two", 3)]
    releases = [old, release("a@1.0.0", 4), release("b@1.0.0", 5)]
    assert shipped(releases, merges) == {"old": {"one"}, "a@1.0.0": {"two"}, "b@1.0.0": {"two"}}
    assert shipped([old], merges) == {"old": {"one"}}


def test_names_without_versions_are_releases_in_the_order_of_time() -> None:
    merges = [merge("one", 1), merge("two", 3)]
    assert shipped([release("apple", 2), release("banana", 4)], merges) == {"apple": {"one"}, "banana": {"two"}}


def test_facts_in_any_order_give_the_same_result() -> None:
    releases = [
        release("v1.0.0", 2, branch="main", reached_at=1),
        release("v1.0.1", 4.5, target="1.x"),
        release("v1.1.0-rc.1", 5.5),
        release("v1.1.0", 6, reported={"next"}),
    ]
    begins = {b"main": at(0), b"1.x": at(2.5)}
    expected = ship(releases, HOTFIX, (), begins)
    assert any(expected.pull_requests.values())
    for order in itertools.permutations(releases):
        for merges in itertools.permutations(HOTFIX):
            assert ship(order, merges, (), begins) == expected


def fixes(*releases: Shipping) -> dict[str, str]:
    return {tag.decode(): fix.decode() for tag, fix in find_fixes(releases).items()}


def test_a_patch_within_fourteen_days_is_a_fix_and_one_later_is_not() -> None:
    days = FIX_WITHIN.days
    assert fixes(release("v1.2.0", 0), release("v1.2.1", days * DAY)) == {"v1.2.0": "v1.2.1"}
    assert fixes(release("v1.2.0", 0), release("v1.2.1", days * DAY + 1)) == {}


def test_the_first_patch_is_the_fix_and_may_need_one_itself() -> None:
    releases = (release("v1.2.0", 0), release("v1.2.1", DAY), release("v1.3.0", 2 * DAY), release("v1.2.2", 3 * DAY))
    assert fixes(*releases) == {"v1.2.0": "v1.2.1", "v1.2.1": "v1.2.2"}


def test_minor_releases_prereleases_and_earlier_ones_are_no_fixes() -> None:
    releases = (release("v1.2.0", 2), release("v1.3.0", 3), release("v1.2.1-rc.1", 4), release("v1.2.1", 1))
    assert fixes(*releases) == {}


def test_a_fix_of_a_release_is_one_of_its_prereleases_too() -> None:
    releases = (release("v1.2.0-rc.1", 0), release("v1.2", 20 * DAY), release("v1.2.1", 21 * DAY))
    assert fixes(*releases) == {"v1.2.0-rc.1": "v1.2.1", "v1.2": "v1.2.1"}


def test_daily_releases_are_no_fixes_of_each_other() -> None:
    assert fixes(release("2026-03-02", 0), release("2026-03-03", DAY)) == {}


def test_fixes_are_found_family_by_family() -> None:
    releases = [release("a@1.0.0", 0), release("b@1.0.1", 1), release("a@1.0.1", 2)]
    assert ship(releases, []).fixes == {b"a@1.0.0": b"a@1.0.1"}


def test_later_work_changes_no_earlier_release() -> None:
    releases = [release("v1.0.0", 2, target="1.x"), release("v0.9.1", 4, target="main")]
    early = [merge("one", 1), merge("two", 3)]
    later = [merge("three", 9, "1.x"), merge("four", 9, None)]
    flow = (passage("1.x", "main", 8, 9),)
    assert shipped(releases, early, begins={"main": 0}) == shipped(releases, early + later, flow, {"main": 0, "1.x": 8})


def test_a_hotfix_branch_seen_late_began_at_the_release_that_it_patches() -> None:
    releases = [
        release("v1.0.0", 2, branch="main", reached_at=1),
        release("v1.0.1", 4.5, branch="1.x", reached_at=4),
        release("v1.0.2", 4.7, branch="1.x", reached_at=4.6),
        release("v1.1.0", 6, branch="main", reached_at=5),
    ]
    expected = {"v1.0.0": {"one"}, "v1.0.1": {"fix"}, "v1.0.2": set(), "v1.1.0": {"main", "next"}}
    assert shipped(releases, HOTFIX, begins={"main": 0, "1.x": 3.9}) == expected
