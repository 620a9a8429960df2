from urllib.parse import urlencode

import pytest

from schema.errors import BadInputError
from service.webhooks.envelopes import event_name, github_key, gitlab_key, json_bytes
from service.webhooks.intake import host_of
from tests.harness.webhooks import github_signature


def test_an_event_is_kept_only_when_it_is_a_plain_name() -> None:
    assert event_name("pull_request") == "pull_request"
    assert event_name("Merge Request Hook") == "Merge Request Hook"
    for odd in (None, "", "a" * 65, "someone@example.com", "push\n", "1push"):
        assert event_name(odd) == "unknown"


def test_a_github_delivery_is_known_by_its_signed_body_whatever_its_headers() -> None:
    def key(body: bytes, **headers: str) -> str:
        signed = {"x-hub-signature-256": github_signature("secret", body)}
        return github_key(
            {**signed, **{name.replace("_", "-"): value for name, value in headers.items()}}, body, "secret"
        )

    assert key(b"one", x_github_delivery="a", x_github_hook_id="1") == key(b"one", x_github_delivery="b")
    assert key(b"one", x_github_event="push") == key(b"one", x_github_event="release") == key(b"one")
    assert key(b"one") != key(b"two")
    # The signature is the key, so that the body is hashed once.
    assert key(b"one") == github_key({}, b"one", "secret")
    assert key(b"one") != github_key({}, b"one", "another secret")


def test_repositories_that_an_installation_gains_again_count_again() -> None:
    gained = b'{"action": "added", "repositories_added": [{"id": 7}]}'
    lost = b'{"action": "removed", "repositories_added": [], "repositories_removed": [{"id": 7}]}'

    def keys(event: str, body: bytes) -> set[str]:
        return {github_key({"x-github-event": event, "x-github-delivery": each}, body, "s") for each in ("a", "b")}

    assert len(keys("installation_repositories", gained)) == 2
    assert len(keys("installation_repositories", lost)) == 1
    # The name of the event is not signed.
    assert len(keys("push", gained)) == 1
    for body in (b"[]", b"{", b"{}", b'{"repositories_added": 1}'):
        assert len(keys("installation_repositories", body)) == 1


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


@pytest.mark.parametrize(
    ("header", "sender", "host"),
    [
        (None, None, "github.com"),
        ("Git.Example.com", None, "git.example.com"),
        ("git.example.com", "https://git.example.com/someone", "git.example.com"),
        (None, "https://github.com/someone", "github.com"),
        # A header that was added or removed on the way changes nothing.
        ("git.example.com", "https://github.com/someone", "github.com"),
        (None, "https://git.example.com:8443/someone", "git.example.com"),
        (None, "https://octo.ghe.com/someone", "github.com"),
        ("octo.ghe.com", "https://octo.ghe.com/someone", "octo.ghe.com"),
        (None, "nonsense", "github.com"),
    ],
)
def test_the_signed_body_outweighs_the_header_that_names_the_host(
    header: str | None, sender: str | None, host: str
) -> None:
    headers = {} if header is None else {"x-github-enterprise-host": header}
    assert host_of(headers, b"" if sender is None else b'{"html_url": "%s"}' % sender.encode()) == host


@pytest.mark.parametrize("sender", [b"null", b"[]", b"3", b'{"html_url": null}', b"{}"])
def test_a_sender_of_another_shape_names_no_host(sender: bytes) -> None:
    assert host_of({}, sender) == "github.com"
