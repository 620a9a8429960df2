"""Decoding: both encodings say the same, and only what is wanted leaves a body."""

import math

import pytest
from google.protobuf.internal import api_implementation
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadInputError, SetUpError
from service.telemetry.otlp.decode import Encoding, decode, require_fast_protobuf
from service.telemetry.otlp.records import Point, Record, Signal, Span
from service.telemetry.otlp.wanted import Wanted
from tests.harness.otlp import (
    Body,
    as_json,
    as_protobuf,
    claude_logs,
    claude_request,
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

INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(st.none(), st.booleans(), INT64, st.floats(allow_nan=False, allow_infinity=False), TEXT)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3))
NAMES = st.sampled_from(["a", "b", "c", "unwanted"])
RECORDS = st.builds(
    record,
    st.dictionaries(NAMES, VALUES),
    moment=st.integers(0, 2**64 - 1),
    observed=st.integers(0, 2**64 - 1),
    event_name=TEXT,
)
BODIES = st.builds(
    lambda records, resource, scope: logs(*records, resource=resource, scope=scope),
    st.lists(RECORDS, max_size=3),
    st.dictionaries(NAMES, VALUES),
    TEXT,
)
WANTED = Wanted(frozenset({"a", "b", "c"}), frozenset({"tokens"}))


@given(BODIES)
def test_protobuf_and_json_of_one_body_are_read_equally(body: Body) -> None:
    protobuf = decode(Signal.LOGS, Encoding.PROTOBUF, as_protobuf(body), WANTED)
    assert decode(Signal.LOGS, Encoding.JSON, as_json(body), WANTED) == protobuf
    for one in protobuf:
        assert {*one.attributes, *one.resource} <= WANTED.attributes
        assert all(value is None or isinstance(value, str | int | float) for value in one.attributes.values())


@given(
    st.dictionaries(NAMES, VALUES),
    st.dictionaries(NAMES, VALUES),
    st.integers(1, 2**63),
    st.integers(0, 2**63),
    st.integers(0, 2**62),
)
def test_spans_of_both_encodings_are_read_equally(
    values: dict[str, object], resource: dict[str, object], number: int, parent: int, moment: int
) -> None:
    body = spans(span("chat", values, number=number, parent=parent, moment=moment), resource=resource, scope="s")
    protobuf = decode(Signal.TRACES, Encoding.PROTOBUF, as_protobuf(body), WANTED)
    assert decode(Signal.TRACES, Encoding.JSON, as_json(body), WANTED) == protobuf
    for one in protobuf:
        assert isinstance(one, Span)
        assert (one.name, one.scope, one.span_id) == ("chat", "s", f"{number:016x}")
        assert one.parent_id == (f"{parent:016x}" if parent else "")
    assert len(protobuf) == bool(parent or {"a", "b", "c"} & values.keys())


SCALAR_VALUES = st.dictionaries(NAMES, SCALARS)


@given(SCALAR_VALUES, SCALAR_VALUES, INT64, st.integers(0, 2**62), st.sampled_from([1, 2]))
def test_data_points_of_both_encodings_are_read_equally(
    values: dict[str, object], resource: dict[str, object], value: int, moment: int, temporality: int
) -> None:
    reported = [
        counter("tokens", number_point(value, values, moment=moment), temporality=temporality),
        histogram("tokens", histogram_point(7.5, values, moment=moment), temporality=temporality),
        counter("unwanted", number_point(value, values)),
    ]
    body = metrics(*reported, resource=resource, scope="s")
    protobuf = decode(Signal.METRICS, Encoding.PROTOBUF, as_protobuf(body), WANTED)
    assert decode(Signal.METRICS, Encoding.JSON, as_json(body), WANTED) == protobuf
    first, second = protobuf
    assert isinstance(first, Point)
    assert isinstance(second, Point)
    assert (first.value, second.value) == (value, 7.5)
    assert first.is_cumulative == second.is_cumulative == (temporality == 2)
    assert first.series == second.series
    assert {*first.attributes, *first.resource} <= WANTED.attributes


def test_temporality_may_be_a_name_and_a_histogram_exponential() -> None:
    point = {"sum": 7, "count": "1", "timeUnixNano": "5", "attributes": []}
    data = {"aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA", "dataPoints": [point]}
    body = metrics({"name": "tokens", "exponentialHistogram": data})
    for encoding, encoded in ((Encoding.PROTOBUF, as_protobuf(body)), (Encoding.JSON, as_json(body))):
        (one,) = decode(Signal.METRICS, encoding, encoded, WANTED)
        assert isinstance(one, Point)
        assert (one.value, one.is_cumulative, one.time_unix_nano) == (7, False, 5)


@pytest.mark.parametrize("value", [{"asInt": "x"}, {"asDouble": "NaN"}, {"asInt": "9" * 5000}])
def test_a_value_that_is_not_a_number_is_read_as_missing(value: dict[str, str]) -> None:
    body = metrics({"name": "tokens", "sum": {"dataPoints": [value]}})
    (one,) = decode(Signal.METRICS, Encoding.JSON, as_json(body), WANTED)
    assert isinstance(one, Point)
    assert math.isnan(one.value)


def test_nothing_but_the_wanted_attributes_leaves_a_body() -> None:
    body = claude_logs(claude_request())
    for encoding, encoded in ((Encoding.PROTOBUF, as_protobuf(body)), (Encoding.JSON, as_json(body))):
        assert b"CANARY" in encoded
        (one,) = decode(Signal.LOGS, encoding, encoded, Wanted(frozenset({"model", "input_tokens"})))
        assert one.attributes == {"model": "claude-sonnet-4-5", "input_tokens": 1200}
        assert "CANARY" not in repr(one)


def test_int64_may_be_a_json_number_or_a_string() -> None:
    for text in (b"7", b'"7"'):
        body = (
            b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":%b,"attributes":[{"key":"a","value":' % text
        )
        body += b'{"intValue":%b}}]}]}]}]}' % text
        (one,) = decode(Signal.LOGS, Encoding.JSON, body, WANTED)
        assert (one.time_unix_nano, one.attributes) == (7, {"a": 7})


def test_json_null_is_read_as_missing() -> None:
    body = (
        b'{"resourceLogs":[{"resource":null,"scopeLogs":[{"scope":null,"logRecords":'
        b'[{"timeUnixNano":null,"eventName":null,"attributes":[{"key":"a","value":null},{"key":"b"},{}]}]},{}]},{}]}'
    )
    (one,) = decode(Signal.LOGS, Encoding.JSON, body, WANTED)
    assert one == Record(resource={}, scope="", attributes={"a": None, "b": None}, time_unix_nano=0, event_name="")


@pytest.mark.parametrize("signal", list(Signal))
def test_an_empty_request_is_a_request(signal: Signal) -> None:
    assert decode(signal, Encoding.PROTOBUF, b"", WANTED) == []
    assert decode(signal, Encoding.JSON, b"{}", WANTED) == []


@pytest.mark.parametrize("signal", list(Signal))
@pytest.mark.parametrize("encoding", list(Encoding))
@given(body=st.binary(min_size=1, max_size=60))
def test_any_bytes_are_read_or_refused(signal: Signal, encoding: Encoding, body: bytes) -> None:
    try:
        records = decode(signal, encoding, body, WANTED)
    except BadInputError:
        return
    assert isinstance(records, list)


def test_the_pure_python_protobuf_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    require_fast_protobuf()
    monkeypatch.setattr(api_implementation, "Type", lambda: "python")
    with pytest.raises(SetUpError, match="C extension"):
        require_fast_protobuf()
