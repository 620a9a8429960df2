"""Requests of an import, and requests of the same size that telemetry reported before."""

from datetime import UTC, datetime, timedelta

from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.store.unnamed_requests import Size, match
from vocabulary.tokens import TokenCounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIZE = Size("codex", 1_500, 80)


def imported(number: int, *, minutes: float = 0, output: int = 80) -> EventRow:
    return EventRow(
        event_id=bytes([number]) * 32,
        occurred_at=NOON + timedelta(minutes=minutes),
        team=None,
        source="codex",
        provider="openai",
        model="gpt-5.1-codex",
        workflow="",
        prompt_template="",
        context_tier="",
        session=None,
        links=LinkHashes(None, None, None, None, None),
        tokens=TokenCounts(600, 900, 0, output),
        remembered=True,
    )


def test_each_kept_request_stands_for_one_of_the_import() -> None:
    rows = [imported(number, minutes=number) for number in range(3)]
    taken, found = match(rows, {SIZE: {NOON: 2}})
    assert taken == {(SIZE, NOON): 2}
    assert found == {rows[0].event_id, rows[1].event_id}


def test_a_request_of_another_size_or_time_is_another_one() -> None:
    rows = [imported(1, output=81), imported(2, minutes=-45), imported(3, minutes=90)]
    assert match(rows, {SIZE: {NOON: 9}}) == ({}, set())


def test_a_request_ends_up_to_half_an_hour_after_it_began_and_clocks_differ_a_little() -> None:
    later, before = NOON + timedelta(minutes=30), NOON - timedelta(minutes=30)
    rows = [imported(1, minutes=1), imported(2, minutes=0.5)]
    taken, found = match(rows, {SIZE: {later: 1, before: 1}})
    assert taken == {(SIZE, later): 1, (SIZE, before): 1}
    assert len(found) == 2
