from collections.abc import Iterable
from itertools import permutations

from tests.unit.workers.attribution.builders import at
from workers.attribution.links import NO_TRUNKS, Sighting, Trunks, evidence_over_time
from workers.attribution.model import Evidence
from workers.attribution.session_trail import evidence_at

SHOP, DOCS = b"shop", b"docs"
TRUNKS = {SHOP: frozenset({b"main"}), None: frozenset({b"main"})}


def seen(hours: float, key: str, **evidence: bytes) -> Sighting:
    return Sighting(at(hours), key.encode(), Evidence(**evidence))


def link_events(
    events: Iterable[Sighting], marks: Iterable[Sighting], trunks: Trunks = NO_TRUNKS
) -> dict[bytes, Evidence]:
    """The evidence of each event by its key, of a session seen by its events and marks."""
    known = list(events)
    over_time = evidence_over_time({each.evidence for each in known}, [*known, *marks], trunks)
    return {each.key: evidence_at(over_time[each.evidence], each.occurred_at) for each in known}


def test_tokens_go_to_the_next_commit_of_their_session() -> None:
    linked = link_events(
        [seen(1, "e1"), seen(2, "e2"), seen(4, "e3")], [seen(3, "m1", commit=b"c1"), seen(5, "m2", commit=b"c2")]
    )
    assert [linked[key].commit for key in (b"e1", b"e2", b"e3")] == [b"c1", b"c1", b"c2"]


def test_a_commit_at_the_very_instant_ends_the_segment() -> None:
    assert link_events([seen(3, "e")], [seen(3, "m", commit=b"c")])[b"e"].commit == b"c"


def test_tokens_after_the_last_commit_follow_the_branch_and_have_no_commit() -> None:
    linked = link_events([seen(5, "e")], [seen(3, "m", commit=b"c", branch=b"fix", repository=SHOP)])
    assert linked[b"e"] == Evidence(branch=b"fix", repository=SHOP)


def test_a_segment_carries_the_branch_of_its_commit_in_case_no_pull_request_holds_it() -> None:
    linked = link_events([seen(2, "e")], [seen(1, "m1", branch=b"fix"), seen(3, "m2", commit=b"c", branch=b"fix")])
    assert linked[b"e"] == Evidence(commit=b"c", branch=b"fix")


def test_a_long_session_over_several_pull_requests_is_split_in_time() -> None:
    events = [seen(hours, f"e{hours}") for hours in (1, 2, 4, 6, 8)]
    marks = [seen(3, "m1", commit=b"c1", branch=b"one"), seen(5, "m2", commit=b"c2", branch=b"two")]
    linked = link_events(events, [*marks, seen(7, "m3", commit=b"c3", branch=b"one")])
    assert [linked[event.key] for event in events] == [
        Evidence(commit=b"c1", branch=b"one"),
        Evidence(commit=b"c1", branch=b"one"),
        Evidence(commit=b"c2", branch=b"two"),
        Evidence(commit=b"c3", branch=b"one"),
        Evidence(branch=b"one"),
    ]


def test_an_event_on_one_branch_does_not_take_the_next_commit_of_another() -> None:
    linked = link_events([seen(1, "e", branch=b"one")], [seen(2, "m", commit=b"c", branch=b"two")])
    assert linked[b"e"] == Evidence(branch=b"one")


def test_an_event_takes_the_next_commit_on_its_branch_and_skips_other_branches() -> None:
    marks = [seen(2, "m1", commit=b"c1", branch=b"two"), seen(3, "m2", commit=b"c2", branch=b"one")]
    assert link_events([seen(1, "e", branch=b"one")], marks)[b"e"] == Evidence(commit=b"c2", branch=b"one")


def test_an_event_between_a_switch_and_a_commit_belongs_to_the_branch_switched_to() -> None:
    marks = [seen(1, "m1", branch=b"one"), seen(3, "m2", branch=b"two"), seen(5, "m3", commit=b"c", branch=b"two")]
    linked = link_events([seen(2, "e1"), seen(4, "e2")], marks)
    assert linked == {b"e1": Evidence(branch=b"one"), b"e2": Evidence(commit=b"c", branch=b"two")}


def test_a_commit_without_a_branch_was_made_on_the_last_seen_branch() -> None:
    linked = link_events([seen(1, "e1", branch=b"one"), seen(2, "e2", branch=b"two")], [seen(3, "m", commit=b"c")])
    assert linked == {b"e1": Evidence(branch=b"one"), b"e2": Evidence(commit=b"c", branch=b"two")}


def test_work_on_main_before_the_switch_to_a_branch_follows_its_next_commit() -> None:
    events = [seen(1, "e1", branch=b"main", repository=SHOP), seen(2, "e2", branch=b"fix", repository=SHOP)]
    linked = link_events(events, [seen(3, "m", commit=b"c", branch=b"fix", repository=SHOP)], TRUNKS)
    assert linked[b"e1"] == linked[b"e2"] == Evidence(commit=b"c", branch=b"fix", repository=SHOP)


def test_work_on_main_before_the_switch_to_a_branch_follows_the_branch_when_nothing_is_committed() -> None:
    events = [seen(hours, f"e{hours}", branch=b"main", repository=SHOP) for hours in (1, 2, 4)]
    linked = link_events([*events, seen(3, "e3", branch=b"fix", repository=SHOP)], [], TRUNKS)
    assert [linked[key].branch for key in (b"e1", b"e2", b"e3", b"e4")] == [b"fix", b"fix", b"fix", b"main"]


def test_work_on_main_follows_the_branch_switched_to_and_not_a_later_one() -> None:
    events = [seen(1, "e", branch=b"main", repository=SHOP), seen(2, "e2", branch=b"one", repository=SHOP)]
    linked = link_events(events, [seen(3, "m", commit=b"c", branch=b"two", repository=SHOP)], TRUNKS)
    assert linked[b"e"] == Evidence(branch=b"one", repository=SHOP)


def test_work_that_is_committed_on_main_belongs_to_that_commit() -> None:
    marks = [
        seen(2, "m1", commit=b"c1", branch=b"main", repository=SHOP),
        seen(3, "m2", commit=b"c2", branch=b"fix", repository=SHOP),
    ]
    linked = link_events([seen(1, "e", branch=b"main", repository=SHOP)], marks, TRUNKS)
    assert linked[b"e"] == Evidence(commit=b"c1", branch=b"main", repository=SHOP)


def test_a_branch_is_main_only_in_its_own_repository() -> None:
    linked = link_events(
        [seen(1, "e", branch=b"main", repository=DOCS)],
        [seen(2, "m", commit=b"c", branch=b"fix", repository=DOCS)],
        TRUNKS,
    )
    assert linked[b"e"] == Evidence(branch=b"main", repository=DOCS)


def test_without_a_repository_main_may_be_the_trunk_of_any_repository() -> None:
    linked = link_events([seen(1, "e", branch=b"main")], [seen(2, "m", commit=b"c", branch=b"fix")], TRUNKS)
    assert linked[b"e"] == Evidence(commit=b"c", branch=b"fix")


def test_tokens_follow_the_branch_that_the_session_was_last_on() -> None:
    linked = link_events([seen(2, "e1"), seen(4, "e2")], [seen(1, "m1", branch=b"one"), seen(3, "m2", branch=b"two")])
    assert [linked[key].branch for key in (b"e1", b"e2")] == [b"one", b"two"]


def test_tokens_before_any_branch_was_seen_follow_the_first_one() -> None:
    assert link_events([seen(0, "e")], [seen(1, "m", branch=b"one")])[b"e"].branch == b"one"


def test_what_an_event_names_itself_stands() -> None:
    own = {"number": b"7", "commit": b"own", "branch": b"own branch", "repository": SHOP}
    linked = link_events([seen(1, "e", **own)], [seen(2, "m", artifact=b"a", commit=b"c", branch=b"fix")])
    assert linked[b"e"] == Evidence(None, b"7", b"own", b"own branch", SHOP)


def test_an_event_with_a_pull_request_number_does_not_take_the_next_commit() -> None:
    linked = link_events([seen(1, "e", number=b"7")], [seen(2, "m", commit=b"c", branch=b"fix")])
    assert linked[b"e"] == Evidence(number=b"7", branch=b"fix")


def test_a_number_ends_a_segment_as_a_commit_does() -> None:
    linked = link_events([seen(1, "e1"), seen(3, "e2")], [seen(2, "m1", number=b"7"), seen(4, "m2", commit=b"c")])
    assert linked == {b"e1": Evidence(number=b"7"), b"e2": Evidence(commit=b"c")}


def test_what_one_event_names_helps_the_others_of_its_session() -> None:
    linked = link_events([seen(1, "e1", repository=SHOP, branch=b"fix"), seen(2, "e2")], [])
    assert linked[b"e2"] == Evidence(branch=b"fix", repository=SHOP)


def test_an_event_does_not_take_a_commit_in_another_repository() -> None:
    linked = link_events(
        [seen(1, "e", repository=DOCS)],
        [seen(2, "m1", commit=b"c1", branch=b"fix", repository=SHOP), seen(3, "m2", commit=b"c2", repository=DOCS)],
    )
    assert linked[b"e"] == Evidence(commit=b"c2", repository=DOCS)


def test_a_session_that_nothing_is_known_of_gives_its_events_nothing() -> None:
    assert link_events([seen(1, "e")], []) == {b"e": Evidence()}


def test_the_order_of_arrival_does_not_matter() -> None:
    events = [seen(1, "e1"), seen(3, "e2"), seen(3, "e3", branch=b"x")]
    marks = [seen(3, "m1", commit=b"c1"), seen(3, "m2", commit=b"c2"), seen(2, "m3", branch=b"y")]
    first = link_events(events, marks, TRUNKS)
    for shuffled in permutations(marks):
        assert link_events(reversed(events), shuffled, TRUNKS) == first


MAIN = {"branch": b"main", "repository": SHOP}
ON_A, ON_B = ({"branch": name, "repository": SHOP} for name in (b"a", b"b"))


def began(hours: float, key: str, **evidence: bytes) -> Sighting:
    return Sighting(at(hours), key.encode(), Evidence(**evidence), is_start=True)


def switched(hours: float, key: str, **evidence: bytes) -> Sighting:
    return Sighting(at(hours), key.encode(), Evidence(**evidence), is_exact=True)


def hourly(*hours: float) -> list[Sighting]:
    return [seen(each, f"e{each}") for each in hours]


def test_a_session_that_began_on_main_belongs_to_the_branch_that_it_made() -> None:
    marks = [began(1, "m0", **MAIN), seen(3, "m1", **ON_A), seen(4, "m2", commit=b"c", **ON_A)]
    linked = link_events(hourly(1, 2, 3.5, 5), marks, TRUNKS)
    whole = Evidence(commit=b"c", **ON_A)
    assert [linked[key] for key in (b"e1", b"e2", b"e3.5", b"e5")] == [whole, whole, whole, Evidence(**ON_A)]


def test_main_where_a_process_began_links_nothing_by_itself() -> None:
    assert link_events(hourly(1, 5), [began(1, "m", **MAIN)], TRUNKS)[b"e5"] == Evidence(repository=SHOP)
    assert link_events(hourly(1, 5), [seen(1, "m", **MAIN)], TRUNKS)[b"e5"] == Evidence(**MAIN)


def test_a_session_that_began_on_a_branch_belongs_to_it_until_it_is_seen_on_another() -> None:
    linked = link_events(hourly(1, 2, 4, 9), [began(1, "m0", **ON_A), seen(3, "m1", **ON_B)], TRUNKS)
    assert [linked[key].branch for key in (b"e1", b"e2", b"e4", b"e9")] == [b"a", b"a", b"b", b"b"]


def test_where_a_process_began_is_where_it_was_before_anything_else_was_seen() -> None:
    # Its first request comes after its first command.
    linked = link_events(hourly(2, 3), [began(2, "m0", **ON_A), seen(1, "m1", **ON_B)], TRUNKS)
    assert {linked[key].branch for key in (b"e2", b"e3")} == {b"b"}


def test_a_stale_branch_takes_nothing_from_a_commit_on_another() -> None:
    marks = [began(1, "m0", **ON_A), seen(4, "m1", commit=b"c", **ON_B)]
    linked = link_events(hourly(1, 2, 5), marks, TRUNKS)
    assert [linked[key].branch for key in (b"e1", b"e2", b"e5")] == [b"b", b"b", b"b"]


def test_a_session_stays_on_the_branch_of_its_commit_until_it_is_seen_to_switch() -> None:
    marks = [seen(1, "m1", commit=b"c", **ON_A), switched(3, "m2", **ON_B), seen(5, "m3", commit=b"d", **ON_B)]
    linked = link_events(hourly(2, 4, 6), marks, TRUNKS)
    assert [(linked[key].branch, linked[key].commit) for key in (b"e2", b"e4", b"e6")] == [
        (b"a", None),
        (b"b", b"d"),
        (b"b", None),
    ]


def test_a_commit_without_a_branch_was_not_made_where_the_process_began() -> None:
    marks = [began(1, "m0", **MAIN), seen(3, "m1", commit=b"c")]
    linked = link_events(hourly(1, 5), marks, TRUNKS)
    assert linked == {key: Evidence(commit=b"c", repository=SHOP) for key in (b"e1", b"e5")}


def test_a_session_stays_with_the_pull_request_that_it_opened() -> None:
    marks = [began(1, "m0", **MAIN), seen(3, "m1", number=b"7", repository=SHOP)]
    linked = link_events(hourly(1, 5), marks, TRUNKS)
    assert linked == {key: Evidence(number=b"7", repository=SHOP) for key in (b"e1", b"e5")}


def test_a_second_process_on_another_branch_begins_when_it_is_first_seen() -> None:
    marks = [began(1, "m0", **ON_A), began(5, "m1", **ON_B)]
    linked = link_events(hourly(1, 3, 5, 6), marks, TRUNKS)
    assert [linked[key].branch for key in (b"e1", b"e3", b"e5", b"e6")] == [b"a", b"a", b"b", b"b"]


def test_a_session_that_began_in_one_repository_and_commits_in_another_belongs_there() -> None:
    marks = [began(1, "m0", **MAIN), seen(3, "m1", commit=b"c", branch=b"b", repository=DOCS)]
    linked = link_events(hourly(1, 5), marks, {SHOP: frozenset({b"main"})})
    assert linked[b"e1"] == Evidence(commit=b"c", branch=b"b", repository=DOCS)
    assert linked[b"e5"] == Evidence(branch=b"b", repository=DOCS)


def test_a_session_that_is_seen_no_more_stays_for_a_day() -> None:
    marks = [seen(3, "m1", number=b"7", repository=SHOP)]
    linked = link_events(hourly(26, 28), marks, TRUNKS)
    assert linked == {b"e26": Evidence(number=b"7", repository=SHOP), b"e28": Evidence(repository=SHOP)}
