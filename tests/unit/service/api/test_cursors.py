"""Cursors of lists."""

from datetime import UTC, datetime

import pytest

from schema.errors import BadInputError
from service.api.cursors import cut, decode_cursor, encode_cursor, instant_cursor

KEYS = (datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC), bytes(range(32)))


def test_a_cursor_comes_back_as_it_went() -> None:
    text = encode_cursor(*KEYS)
    assert instant_cursor(text) == KEYS
    assert text.isascii()
    assert not set(text) & set("+/= ")


def test_no_cursor_is_the_beginning() -> None:
    assert instant_cursor(None) == instant_cursor("") == (None, None)


@pytest.mark.parametrize("text", ["x", "é", "AAAA", encode_cursor("a", "b"), encode_cursor(KEYS[0]), "[" * 100])
def test_an_invalid_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        instant_cursor(text)
    assert caught.value.field == "cursor"


def test_a_page_is_cut_where_there_is_more() -> None:
    page, cursor = cut([1, 2, 3], 2, lambda row: (row,))
    assert page == [1, 2]
    assert cursor is not None
    assert decode_cursor(cursor, tuple[int]) == (2,)
    assert cut([1, 2], 2, lambda row: (row,)) == ([1, 2], None)
    assert cut([], 2, lambda row: (row,)) == ([], None)
