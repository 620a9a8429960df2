"""What a list of attempts shows to be missing."""

from datetime import UTC, datetime, timedelta

from workers.repair.deliveries import FIRST_PAUSE, REDELIVERABLE, Attempt, Missed, due_for_resend, judge

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def attempt(number: int, guid: str, *, ok: bool = False, again: bool = False) -> Attempt:
    return Attempt(f"1/{guid}", number, NOW + timedelta(minutes=number), again, ok)


def missed(guid: str, number: int = 1, **more: object) -> Missed:
    return Missed(f"1/{guid}", number, NOW + timedelta(minutes=number), **more)  # type: ignore[arg-type]  # as written


def test_failed_deliveries_are_missing_and_arrived_ones_are_not() -> None:
    judged = judge([attempt(2, "b", ok=True), attempt(1, "a")], {}, None)
    assert judged.missing == [missed("a")]
    assert judged.arrived == []
    assert judged.read_to == NOW + timedelta(minutes=2)


def test_any_success_under_a_guid_is_enough_whichever_attempt_had_it() -> None:
    first = [attempt(2, "a", again=True), attempt(1, "a", ok=True)]
    later = [attempt(4, "b", again=True, ok=True), attempt(3, "b")]
    assert judge([*later, *first], {}, None).missing == []


def test_the_newest_attempt_is_redelivered_and_the_first_one_sets_the_expiry() -> None:
    (found,) = judge([attempt(5, "a", again=True), attempt(1, "a")], {}, None).missing
    assert (found.number, found.missed_at) == (5, NOW + timedelta(minutes=1))


def test_what_was_known_to_be_missing_arrives_once_an_attempt_succeeds() -> None:
    judged = judge([attempt(9, "a", again=True, ok=True)], {"1/a": missed("a", requests=1)}, None)
    assert (judged.missing, judged.arrived) == ([], ["1/a"])


def test_a_known_missing_delivery_keeps_its_number_of_requests() -> None:
    known = missed("a", requests=2, requested_at=NOW)
    assert judge([attempt(9, "a", again=True)], {"1/a": known}, None).missing == [
        Missed("1/a", 9, known.missed_at, 2, NOW)
    ]


def test_a_failed_redelivery_of_what_arrived_long_ago_is_not_missing() -> None:
    assert judge([attempt(9, "a", again=True)], {}, NOW).missing == []


def test_the_list_was_read_as_far_as_before_when_nothing_is_new() -> None:
    assert judge([], {}, NOW).read_to == NOW


def test_each_delivery_is_requested_at_once_and_then_with_doubling_pauses() -> None:
    def is_due(asked: int, ago: timedelta) -> bool:
        each = missed("a", requests=asked, requested_at=NOW - ago if asked else None)
        return bool(list(due_for_resend([each], NOW, REDELIVERABLE, ["1"])))

    assert is_due(0, timedelta())
    assert not is_due(1, FIRST_PAUSE - timedelta(seconds=1))
    assert is_due(1, FIRST_PAUSE)
    assert not is_due(3, FIRST_PAUSE * 3)
    assert is_due(3, FIRST_PAUSE * 4)


def test_expired_deliveries_and_those_of_unknown_hooks_are_not_requested() -> None:
    old = Missed("1/a", 1, NOW - REDELIVERABLE)
    other = Missed("2/b", 1, NOW)
    assert list(due_for_resend([old, other], NOW, REDELIVERABLE, ["1"])) == []
