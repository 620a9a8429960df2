"""Decoding: both encodings say the same, and only what is wanted leaves a body."""

import pytest
from google.protobuf.internal import api_implementation
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadInputError, SetUpError
from service.telemetry.otlp import Encoding, decode, require_fast_protobuf
from service.telemetry.records import Record, Signal
from service.telemetry.wanted import Wanted
from tests.harness.otlp import Body, as_json, as_protobuf, claude_logs, claude_request, logs, record

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
WANTED = Wanted(frozenset({"a", "b", "c"}))


@given(BODIES)
def test_protobuf_and_json_of_one_body_read_alike(body: Body) -> None:
    protobuf = decode(Signal.LOGS, Encoding.PROTOBUF, as_protobuf(body), WANTED)
    assert decode(Signal.LOGS, Encoding.JSON, as_json(body), WANTED) == protobuf
    for one in protobuf:
        assert {*one.attributes, *one.resource} <= WANTED.attributes
        assert all(value is None or isinstance(value, str | int | float) for value in one.attributes.values())


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


def test_json_null_reads_as_not_told() -> None:
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
