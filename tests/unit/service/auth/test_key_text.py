"""API keys as text."""

import pytest

from service.auth.key_text import bearer_text, key_digest, make_key, parse_key
from service.errors import UnauthorizedError


def test_a_key_names_its_organization_and_parses_back() -> None:
    text = make_key(42)
    prefix, organization, secret = text.split("_", 2)
    assert (prefix, organization, len(secret)) == ("sl1", "42", 43)
    parsed = parse_key(f" {text}\n")
    assert (parsed.organization_id, parsed.digest) == (42, key_digest(text))


def test_no_two_keys_are_equal() -> None:
    assert len({make_key(1) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text", ["", "sl1__", "sl1_0_" + "x" * 43, "sl1_1_" + "x" * 42, "sl2_1_" + "x" * 43, "sl1_1_é"]
)
def test_an_invalid_key_is_refused(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        parse_key(text)


def test_a_bearer_header_is_read_in_any_case() -> None:
    assert bearer_text("bearer abc ") == bearer_text("Bearer  abc") == "abc"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_a_header_without_a_key_is_refused(header: str | None) -> None:
    with pytest.raises(UnauthorizedError):
        bearer_text(header)
