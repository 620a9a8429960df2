"""What makes a token event count once."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.hashing.event_identity import identities
from service.telemetry.reading.normalised import TokenEvent
from vocabulary.tokens import TokenCounts

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def event(*identity: str | int | None, anonymous: bool = False) -> TokenEvent:
    return TokenEvent(source="codex", identity=identity, occurred_at=NOW, tokens=TokenCounts(1), anonymous=anonymous)


@given(st.lists(st.integers(0, 5)), st.data())
def test_events_that_name_a_session_are_the_same_however_they_are_batched(
    numbers: list[int], data: st.DataObject
) -> None:
    whole = set(identities(event("session", number) for number in numbers))
    cut = data.draw(st.integers(0, len(numbers)))
    parts = [*identities(event("session", number) for number in numbers[cut:])]
    parts += identities(event("session", number) for number in numbers[:cut])
    assert set(parts) == whole
    assert len(whole) == len(set(numbers))


def test_equal_events_without_a_session_all_count_and_repeats_do_not() -> None:
    body = [event(None, 7, anonymous=True)] * 3
    assert len(set(identities(body))) == 3
    assert list(identities(body)) == list(identities(body))


def test_no_two_lists_of_fields_encode_to_the_same_bytes() -> None:
    fields = [("a", "b"), ("a,b",), ("ab", ""), ("", "ab"), ("a", None, "b"), ("1",), (1,), (None,), ("None",)]
    assert len(set(identities(event(*one) for one in fields))) == len(fields)
