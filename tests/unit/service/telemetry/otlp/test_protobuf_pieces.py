"""A large protobuf body in pieces says what it says as a whole, and is refused before its messages are made."""

import random
import time
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadInputError
from service.errors import TooLargeError
from service.telemetry.otlp import protobuf_pieces
from service.telemetry.otlp.decode import Encoding, decode, decode_parts
from service.telemetry.otlp.records import Signal
from service.telemetry.otlp.wanted import Wanted
from tests.harness.otlp import (
    Body,
    as_json,
    as_protobuf,
    counter,
    histogram,
    histogram_point,
    logs,
    metrics,
    number_point,
    record,
    span,
    spans,
)

WANTED = Wanted(frozenset({"model", "service.name", "type"}), frozenset({"tokens", "times"}))
MEGABYTE = 1024 * 1024


def large(signal: Signal, chance: random.Random) -> Body:
    """A body of some resources, one of which has many records."""

    def records(number: int) -> list[Body]:
        values = [{"model": f"m-{chance.randrange(9)}", "text": "x" * chance.randrange(300)} for _ in range(number)]
        match signal:
            case Signal.LOGS:
                return [record(each) for each in values]
            case Signal.TRACES:
                return [span("chat", each, number=place + 1) for place, each in enumerate(values)]
        points = [number_point(place, each) for place, each in enumerate(values)]
        sums = [histogram_point(place + 0.5, each) for place, each in enumerate(values)]
        return [
            {"name": "other", "gauge": {"dataPoints": points}},
            counter("tokens", *points),
            histogram("times", *sums),
        ]

    make: Any = {Signal.LOGS: logs, Signal.TRACES: spans, Signal.METRICS: metrics}[signal]
    bodies = [make(*records(number), resource={"service.name": f"s-{number}"}, scope="s") for number in (3, 900, 1, 0)]
    (name,) = bodies[0]
    return {name: [each for body in bodies for each in body[name]]}


@pytest.mark.parametrize("signal", list(Signal))
@pytest.mark.parametrize("size", [64, 1_000, 30_000])
def test_pieces_of_any_size_say_what_the_body_says(size: int, signal: Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    body = large(signal, random.Random(size))
    whole = decode(signal, Encoding.JSON, as_json(body), WANTED)
    encoded = as_protobuf(body)
    monkeypatch.setattr(protobuf_pieces, "PIECE", size)
    assert decode(signal, Encoding.PROTOBUF, encoded, WANTED) == whole
    pieces = list(protobuf_pieces.pieces(signal, encoded, lambda _: None))
    assert max(map(len, pieces)) < 3 * size + 500


@pytest.mark.parametrize("signal", list(Signal))
@given(body=st.binary(min_size=8, max_size=60))
def test_any_bytes_are_divided_or_refused(signal: Signal, body: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protobuf_pieces, "PIECE", 4)
        try:
            decode(signal, Encoding.PROTOBUF, body, WANTED)
        except BadInputError:
            return


def nested(levels: int, content: bytes) -> bytes:
    """Wrap content as a field 1, then 2, of a request's resources, scopes and so on."""
    for level in range(levels, 0, -1):
        content = (b"\x0a" if level == 1 else b"\x12") + protobuf_pieces.varint(len(content)) + content
    return content


@pytest.mark.parametrize("signal", list(Signal))
@pytest.mark.parametrize(
    "hostile",
    [
        b"\x0a\x00" * (8 * MEGABYTE),
        nested(1, b"\x12\x00" * (8 * MEGABYTE)),
        nested(2, b"\x12\x00" * (8 * MEGABYTE)),
        nested(3, b"\x32\x00" * (8 * MEGABYTE)),
        nested(3, b"\x3a" + b"\xff\xff\xff\x07" + b"\x0a\x00" * (8 * MEGABYTE)),
        b"\x12\x00" * (8 * MEGABYTE),
        b"\x10\x01" * (8 * MEGABYTE),
        nested(1, b"\x0a\x00" * (8 * MEGABYTE)),
        nested(1, b"\x0a\x00\x12\x02\x12\x00" * MEGABYTE),
        nested(2, b"\x0a\x00\x12\x02\x32\x00" * MEGABYTE),
        b"\x0a" + b"\x80" * 16 * MEGABYTE,
        b"\x0b" * 16 * MEGABYTE,
    ],
    ids=[
        "resources", "scopes", "records", "attributes", "a length beyond the message", "unknown fields", "numbers",
        "descriptions of one resource", "resources between scopes", "scopes between records", "an endless number",
        "groups",
    ],
)  # fmt: skip
def test_millions_of_messages_are_refused_early(signal: Signal, hostile: bytes) -> None:
    began = time.thread_time()
    with pytest.raises((TooLargeError, BadInputError)):
        list(decode_parts(signal, Encoding.PROTOBUF, hostile, WANTED, 100_000))
    assert time.thread_time() - began < 3


def test_a_record_of_any_size_is_read_without_what_is_not_wanted() -> None:
    body = logs(record({"model": "m", "text": "x" * 3 * MEGABYTE}), record({"model": "n"}), resource={})
    found = decode(Signal.LOGS, Encoding.PROTOBUF, as_protobuf(body), WANTED)
    assert [each.attributes for each in found] == [{"model": "m"}, {"model": "n"}]


def test_a_resource_too_large_to_repeat_is_refused_with_a_remedy() -> None:
    body = logs(*[record({"text": "x" * 1000})] * 500, resource={"text": "x" * 2 * MEGABYTE})
    with pytest.raises(TooLargeError, match="Send fewer attributes"):
        decode(Signal.LOGS, Encoding.PROTOBUF, as_protobuf(body), WANTED)


@pytest.mark.parametrize("value", ["array_value", "kvlist_value"])
def test_a_wanted_value_with_millions_of_values_is_passed_over(value: str) -> None:
    field = {"array_value": b"\x2a", "kvlist_value": b"\x32"}[value]
    many = b"\x0a\x00" * MEGABYTE
    array = field + protobuf_pieces.varint(len(many)) + many
    pair = b"\x0a\x05model\x12" + protobuf_pieces.varint(len(array)) + array
    attribute = b"\x32" + protobuf_pieces.varint(len(pair)) + pair
    (found,) = decode(Signal.LOGS, Encoding.PROTOBUF, nested(3, attribute), WANTED)
    assert found.attributes == {"model": None}


def test_a_group_is_refused() -> None:
    with pytest.raises(DecodeError):
        list(protobuf_pieces.pieces(Signal.LOGS, b"\x0b\x0c" * MEGABYTE, lambda _: None))


def test_json_with_millions_of_objects_is_refused_before_it_is_decoded() -> None:
    hostile = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + b"{}," * 10 * MEGABYTE + b"{}]}]}]}"
    began = time.thread_time()
    with pytest.raises(TooLargeError):
        decode(Signal.LOGS, Encoding.JSON, hostile, WANTED)
    assert time.thread_time() - began < 1
