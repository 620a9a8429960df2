"""Which failed deliveries GitLab is asked for now."""

from datetime import UTC, datetime, timedelta

from workers.repair.deliveries import Missed
from workers.repair.resends import choose, may_have_been_switched_off

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNERS = {"1": "/projects/7", "2": "/projects/7", "3": "/groups/9"}


def missed(reference: str, asked: int = 0) -> Missed:
    return Missed(reference, 1, NOW, asked)


def names(chosen: list[Missed]) -> list[str]:
    return [each.reference for each in chosen]


def test_all_hooks_of_a_project_share_its_limit_and_others_have_theirs() -> None:
    chosen = choose([missed("1/a"), missed("2/b"), missed("2/c"), missed("3/d")], OWNERS, [], NOW, 2)
    assert (names(chosen.now), chosen.is_limited) == (["1/a", "2/b", "3/d"], True)


def test_requests_in_the_last_minute_count_towards_the_limit() -> None:
    asked = [("1/x", NOW - timedelta(seconds=59)), ("2/y", NOW - timedelta(seconds=60)), ("gone/z", NOW)]
    chosen = choose([missed("1/a"), missed("1/b")], OWNERS, asked, NOW, 2)
    assert (names(chosen.now), chosen.is_limited) == (["1/a"], True)


def test_without_a_limit_all_deliveries_are_requested() -> None:
    chosen = choose([missed(f"1/{number}") for number in range(30)], OWNERS, [], NOW, 0)
    assert (len(chosen.now), chosen.is_limited) == (30, False)


def test_deliveries_requested_in_vain_come_after_others() -> None:
    assert names(choose([missed("1/a", 2), missed("1/b"), missed("1/c", 1)], OWNERS, [], NOW, 2).now) == ["1/b", "1/c"]


def test_a_hook_with_four_new_failures_may_have_been_disabled() -> None:
    four = [missed(f"1/{name}") for name in "abcd"]
    assert may_have_been_switched_off(four, [])
    assert not may_have_been_switched_off(four, ["1/a"])
    assert not may_have_been_switched_off([*four[:3], missed("2/d")], [])
