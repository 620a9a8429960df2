"""Query strings are taken apart as the standard library takes them apart."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from service.http.query_strings import parse_query

ESCAPED = some.binary(max_size=3).map(lambda raw: "".join(f"%{byte:02X}" for byte in raw))
PIECES = some.lists(ESCAPED | some.sampled_from([*"&=+%;#/:aZ09é", "%2F", "%2f", "%3A", "%25", "number="]), max_size=12)


@given(PIECES.map("".join))
@example("forge=github&repository=github.com%2Facme%2Fweb&number=7")
@example("a=%252F&%%2F=%2%2F&&=&b&a=1=2")
def test_any_query_is_read_as_the_standard_library_reads_it(query: str) -> None:
    raw = query.encode("latin-1")
    assert parse_query(raw) == tuple(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))


@pytest.mark.parametrize("byte", range(256))
def test_so_is_every_byte_as_it_is(byte: int) -> None:
    raw = b"name=%b" % bytes([byte])
    assert parse_query(raw) == tuple(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
