"""Attributes of records that follow each other read as if each were read alone, by the published messages."""

import random
from collections.abc import Sequence

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from service.telemetry.otlp.attributes import AttributeReader
from service.telemetry.otlp.protobuf_values import scalar
from service.telemetry.otlp.records import Attributes
from service.telemetry.otlp.wanted import Wanted

NAMES = ("model", "input_tokens", "team.id", "x" * 130, "é")
WANTED = Wanted(frozenset(NAMES))

TEXTS = st.one_of(st.text(max_size=5), st.text(min_size=120, max_size=140))
VALUES = st.one_of(
    st.just(AnyValue()),
    st.builds(lambda value: AnyValue(string_value=value), TEXTS),
    st.builds(lambda value: AnyValue(int_value=value), st.integers(-(2**63), 2**63 - 1)),
    st.builds(lambda value: AnyValue(int_value=value), st.integers(0, 300)),
    st.builds(lambda value: AnyValue(double_value=value), st.floats(allow_nan=False)),
    st.builds(lambda value: AnyValue(bool_value=value), st.booleans()),
    st.builds(lambda value: AnyValue(bytes_value=value), st.binary(max_size=5)),
    st.builds(lambda value: AnyValue(array_value={"values": [{"string_value": value}]}), TEXTS),
)
PAIRS = st.builds(
    lambda key, value: KeyValue(key=key, value=value), st.one_of(st.sampled_from(NAMES), TEXTS), st.none() | VALUES
)
RECORDS = st.lists(PAIRS, max_size=6)


def alone(pairs: Sequence[KeyValue]) -> Attributes:
    return {pair.key: scalar(pair.value) for pair in pairs if pair.key in WANTED.attributes}


@given(st.lists(RECORDS, max_size=6), st.integers())
def test_records_in_a_row_read_as_each_does_alone(kinds: list[list[KeyValue]], seed: int) -> None:
    """Records of a few kinds come again and again, with some of their values changed."""
    chance, reader = random.Random(seed), AttributeReader(WANTED)
    for _ in range(4 * len(kinds)):
        record = [KeyValue(key=pair.key, value=pair.value) for pair in chance.choice(kinds)]
        for pair in record:
            if chance.random() < 0.3:
                pair.value.int_value = chance.randrange(10**6)
        assert reader.read([pair.SerializeToString() for pair in record]) == alone(record)


def test_kinds_of_records_may_take_turns_however_many_there_are() -> None:
    reader = AttributeReader(WANTED)
    kinds = [[KeyValue(key=name), KeyValue(key=f"other-{name}")] for name in NAMES]
    for turn in range(3):
        for record in kinds:
            record[0].value.int_value = turn
            assert reader.read([pair.SerializeToString() for pair in record]) == alone(record)


def test_what_was_read_before_stays_as_it_was() -> None:
    reader = AttributeReader(WANTED)
    records = [
        reader.read([KeyValue(key="model", value=AnyValue(int_value=number)).SerializeToString()])
        for number in range(3)
    ]
    assert records == [{"model": 0}, {"model": 1}, {"model": 2}]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x12\x02\x18\x07\x0a\x05model",  # the value before the key
        b"\x0a\x05model\x12\x02\x18\x05\x12\x02\x18\x07",  # two values, of which the last counts
        b"\x0a\x05model\x12\x04\x18\x05\x18\x07",  # two numbers in one value
        b"\x0a\x05model\x12\x82\x00\x18\x07",  # a length written longer than it need be
        b"\x0a\x05other\x0a\x05model\x12\x02\x18\x07",  # two keys, of which the last counts
    ],
)
def test_unusual_encodings_are_read_as_the_library_reads_them(raw: bytes) -> None:
    pair = KeyValue.FromString(raw)
    assert scalar(pair.value) == 7
    usual = KeyValue(key="model", value=AnyValue(int_value=3)).SerializeToString()
    for order in ([raw, usual], [usual, raw]):
        reader = AttributeReader(WANTED)
        found = [reader.read([one]).get("model") for one in order]
        assert found == [scalar(KeyValue.FromString(one).value) for one in order]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x0a\x05model\x12\x04\x0a\x02\xff\xff",
        b"\x0a\x05model\x12\x04\x0a\x09xy",
        b"\x0a\x05model\x12\x09\x18",
        b"\x0a\x05model\x12\x0b\x18" + b"\xff" * 10,
        b"\x0a\x50mo",
        b"\x0a",
    ],
)
def test_bytes_that_are_not_an_attribute_are_refused(raw: bytes) -> None:
    usual = KeyValue(key="model", value=AnyValue(int_value=3)).SerializeToString()
    for before in ([], [usual]):
        reader = AttributeReader(WANTED)
        for one in before:
            reader.read([one])
        with pytest.raises((DecodeError, UnicodeDecodeError)):
            reader.read([raw])
