from urllib.parse import urlencode

import pytest

from schema.errors import BadInputError
from service.webhooks.envelopes import event_name, github_key, gitlab_key, json_bytes


def test_an_event_is_kept_only_when_it_is_a_plain_name() -> None:
    assert event_name("pull_request") == "pull_request"
    assert event_name("Merge Request Hook") == "Merge Request Hook"
    for odd in (None, "", "a" * 65, "someone@example.com", "push\n", "1push"):
        assert event_name(odd) == "unknown"


def test_a_github_delivery_is_known_by_hook_and_guid() -> None:
    headers = {"x-github-hook-id": "12", "x-github-delivery": "aa-bb"}
    assert github_key(headers, b"one", "secret") == github_key(headers, b"two", "secret") == "12/aa-bb"
    assert github_key({**headers, "x-github-hook-id": "13"}, b"one", "secret") == "13/aa-bb"


def test_a_gitlab_delivery_is_known_by_its_webhook_id_or_idempotency_key() -> None:
    assert gitlab_key({"webhook-id": "w", "idempotency-key": "i"}, b"", "secret") == "w"
    assert gitlab_key({"idempotency-key": "i", "x-gitlab-webhook-uuid": "same for all"}, b"", "secret") == "i"


def test_a_delivery_without_an_id_is_known_by_its_body() -> None:
    for key in (github_key, gitlab_key):
        assert key({}, b"one", "secret") == key({}, b"one", "secret") != key({}, b"two", "secret")


def test_a_long_or_odd_id_is_kept_as_a_digest_only() -> None:
    long, odd = gitlab_key({"webhook-id": "a" * 5000}, b"", "s"), gitlab_key({"webhook-id": "CANARY é\0"}, b"", "s")
    assert long != odd
    assert all(key.startswith("sha256-") and len(key) == 71 for key in (long, odd))


def test_json_passes_as_it_is() -> None:
    for body in (b'{"a": 1}', b"[]", b"3", b"null"):
        assert json_bytes("application/json", body) == body


def test_a_form_is_read_for_its_payload_field() -> None:
    form = urlencode({"payload": '{"a": "ä&b"}'}).encode()
    assert json_bytes("application/x-www-form-urlencoded", form) == '{"a": "ä&b"}'.encode()
    assert json_bytes("Application/X-WWW-Form-Urlencoded; charset=utf-8", form) == '{"a": "ä&b"}'.encode()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"payload=%7B%7D", b"[" * 100_000])
def test_invalid_json_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInputError):
        json_bytes("application/json", body)


@pytest.mark.parametrize("form", [b"", b"payload=", b"other=%7B%7D", b"a&" * 100_000, b"payload=%7B"])
def test_a_form_without_json_is_bad_input(form: bytes) -> None:
    with pytest.raises(BadInputError):
        json_bytes("application/x-www-form-urlencoded", form)
