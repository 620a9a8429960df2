"""Large JSON bodies are read step by step into what Litestar makes of them at once."""

from collections.abc import Generator
from typing import Any

import msgspec
import pytest
from litestar.exceptions import SerializationException, ValidationException

from schema.contracts.pull_request import PullRequestBatch
from service.contracts.token_event import TokenEventBatch, TokenEventIn
from service.errors import TooLargeError
from service.http.json_bodies import PART, VALUES, bulk_of, read_steps

EVENT = {"event_id": "1", "occurred_at": "2026-11-18T12:00:00Z", "source": "x", "tokens": {"input_uncached": 1}}


def read(body: bytes, contract: Any = TokenEventBatch) -> tuple[Any, int]:
    """Return what is read of a body, and in how many steps."""
    steps: Generator[None, None, Any] = read_steps(body, contract)
    number = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, number
        number += 1


def refused(body: bytes) -> dict[str, str]:
    with pytest.raises(ValidationException) as raised:
        read(body)
    (complaint,) = raised.value.extra  # type: ignore[misc]  # Litestar allows other shapes
    return complaint


def test_a_bulk_is_read_in_steps_into_its_contract() -> None:
    body = msgspec.json.encode({"left_out": [], "items": [{**EVENT, "event_id": str(n)} for n in range(10 * PART)]})
    found, steps = read(body)
    assert steps > 10
    assert all(type(item) is TokenEventIn for item in found["items"])
    whole = msgspec.convert(found, TokenEventBatch, strict=False, str_keys=True)
    assert whole == msgspec.convert(msgspec.json.decode(body), TokenEventBatch, strict=False, str_keys=True)


def test_any_other_contract_is_read_as_plain_values() -> None:
    assert read(b'{"name": "checkout", "items": 3}', dict)[0] == {"name": "checkout", "items": 3}
    assert read(b'{"left_out": []}')[0] == {"left_out": []}
    assert [bulk_of(each) is None for each in (TokenEventBatch, PullRequestBatch, TokenEventIn, int, None)] == [
        *(False, False),
        *(True, True, True),
    ]


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"event_id": 3}, ".event_id", "Expected `str`, got `int`"),
        ({"tokens": {"input_uncached": -1}}, ".tokens.input_uncached", "Expected `int` >= 0"),
        ({"tokens": {"cache_write_1h": 1}}, ".tokens", "has a cache_write_1h larger than cache_write"),
    ],
)
def test_an_invalid_item_is_named_with_its_place(changes: dict[str, Any], place: str, message: str) -> None:
    body = msgspec.json.encode({"items": [*[EVENT] * (PART + 1), {**EVENT, **changes}]})
    complaint = refused(body)
    assert complaint["key"] == f"items[{PART + 1}]{place}"
    assert complaint["message"].startswith(message)


def test_what_holds_no_items_is_refused_like_any_other_invalid_body() -> None:
    assert refused(b"[]") == {"key": "data", "message": "Expected `object`", "source": "body"}
    assert refused(b'{"items": null}') == {"key": "items", "message": "Expected `array`", "source": "body"}
    assert refused(b'{"items": [3]}')["key"] == "items[0]"
    assert refused(msgspec.json.encode({"items": [EVENT] * 10_001}))["message"] == "Expected `array` of length <= 10000"
    for broken in (b'{"items": [', b'{"items": [{"event_id": "\xff"}]}', b"{"):
        with pytest.raises(SerializationException):
            read(broken)


def test_a_body_of_too_many_values_is_refused_before_they_are_made() -> None:
    with pytest.raises(TooLargeError, match="more than 1000000 values"):
        read(b'{"items":[' + b"[]," * VALUES + b"[]]}")
