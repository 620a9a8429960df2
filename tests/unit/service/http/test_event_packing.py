"""Rows of binary COPY, taken apart again field by field."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from service.http.event_packing import PACKED_COLUMNS, EventRow, LinkHashes, pack
from vocabulary.tokens import TokenCounts

BRANCH, REPOSITORY, SESSION = b"b" * 32, b"r" * 32, b"s" * 32
LINKS = LinkHashes(None, None, None, BRANCH, REPOSITORY)
AT = datetime(2026, 11, 28, 9, 30, 15, 123456, tzinfo=UTC)
TEAM = 7
PLACE = PACKED_COLUMNS.index("place")
SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)


def _event(event_id: bytes, **reported: Any) -> EventRow:
    row = EventRow(
        event_id, AT, "a label", "claude-code", "anthropic", "claude", "", "", "", SESSION, LINKS, TokenCounts(), False
    )
    return row._replace(**reported)


def _fields(stream: bytes) -> list[list[bytes | None]]:
    assert stream.startswith(SIGNATURE)
    at, rows = len(SIGNATURE), []
    while (number := int.from_bytes(stream[at : at + 2], signed=True)) >= 0:
        at += 2
        rows.append([])
        for _ in range(number):
            length = int.from_bytes(stream[at : at + 4], signed=True)
            at += 4
            rows[-1].append(None if length < 0 else stream[at : at + length])
            at += max(length, 0)
    assert at + 2 == len(stream)
    return rows


def _own(event: EventRow) -> dict[str, bytes | None]:
    stream, _ = pack([(TEAM, event)])
    (row,) = _fields(stream)
    return dict(zip(PACKED_COLUMNS, row, strict=True))


def test_every_value_of_an_event_is_in_its_field() -> None:
    own = _own(
        _event(
            b"e" * 32,
            tokens=TokenCounts(1, 2, 3, 4, 5),
            request=b"q" * 32,
            duration_ms=1 << 40,
            failed=True,
            cache_write_1h=2,
        )
    )

    assert own.pop("occurred_at") == ((AT - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)).to_bytes(8)
    assert own == {
        "place": (0).to_bytes(4),
        "event_id": b"e" * 32,
        **{name: number.to_bytes(8) for number, name in enumerate(TokenCounts._fields, start=1)},
        "cache_write_1h": (2).to_bytes(8),
        "failed": b"\1",
        "request": b"q" * 32,
        "duration_ms": (1 << 40).to_bytes(8),
    }


def test_missing_values_are_null() -> None:
    for reported in ({}, {"request": b"q" * 32}, {"duration_ms": 3}):
        own = _own(_event(b"e" * 32, **reported))

        assert {name for name, value in own.items() if value is None} == {"request", "duration_ms"} - reported.keys()


def test_an_instant_is_the_same_in_every_zone_and_before_2000() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    early = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

    assert _own(_event(b"e" * 32, occurred_at=elsewhere)) == _own(_event(b"e" * 32))
    assert _own(_event(b"e" * 32, occurred_at=early))["occurred_at"] == (-1).to_bytes(8, signed=True)


def test_rows_are_in_the_order_of_their_ids() -> None:
    stream, _ = pack([(TEAM, _event(bytes([first]) * 32, session=bytes([first]) * 32)) for first in (200, 3, 90)])

    assert [row[0] for row in _fields(stream)] == [bytes([first]) * 32 for first in (3, 90, 200)]
    assert [row[PLACE] for row in _fields(stream)] == [place.to_bytes(4) for place in (1, 2, 0)]


def test_shared_values_are_written_once() -> None:
    events = [
        (TEAM, _event(b"1" * 32)),
        (TEAM + 1, _event(b"2" * 32)),
        (TEAM, _event(b"3" * 32, team="another label", duration_ms=9)),
        (TEAM, _event(b"4" * 32, links=LINKS._replace(branch=None))),
    ]

    stream, shared = pack(events)

    assert [row[PLACE] for row in _fields(stream)] == [place.to_bytes(4) for place in (0, 1, 0, 2)]
    texts = ("claude-code", "anthropic", "claude", "", "", "", "", "", 0, 0, SESSION)
    assert shared == [
        (TEAM, *texts, *LINKS),
        (TEAM + 1, *texts, *LINKS),
        (TEAM, *texts, None, None, None, None, REPOSITORY),
    ]
