"""Webhooks of both forges: signatures, envelopes, and the facts of every event."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from schema.errors import BadInputError, NotFoundError
from service.connections.names import parse_connection_name
from service.errors import UnauthorizedError
from service.webhooks.envelopes import event_name, github_key, gitlab_key, json_bytes
from service.webhooks.intake import host_of, installation_of, read_envelope
from service.webhooks.signatures import verify_github, verify_gitlab
from tests.fuzz.inputs import Choices
from tests.fuzz.target import Target
from tests.harness.webhooks import PAYLOADS
from workers.forge_events.parse import parse
from workers.forge_events.reading import Envelope

NOW = datetime(2026, 3, 20, tzinfo=UTC)
ENVELOPE = Envelope("github.com", NOW)
TYPES = ("application/json", "application/x-www-form-urlencoded", None, "", "text/plain")
EVENTS = {
    "github": (
        *("create", "delete", "installation", "installation_repositories", "installation_target", "merge_group"),
        *("pull_request", "pull_request_review", "pull_request_review_comment", "push", "release", "repository"),
    ),
    "gitlab": ("Merge Request Hook", "Push Hook", "Tag Push Hook", "Release Hook", "Note Hook", "System Hook"),
}
HEADERS = (
    *("x-hub-signature-256", "webhook-signature", "webhook-id", "webhook-timestamp", "x-gitlab-token"),
    *("x-github-delivery", "x-github-hook-id", "x-github-event", "x-github-enterprise-host", "idempotency-key"),
)
VALUES = ("sha256=", "v1,", "v1,AAAA", "sha256=" + "0" * 64, str(int(NOW.timestamp())), "9" * 5000, "-1", "é", "\0", "")


def _recorded(forge: str) -> list[tuple[str, Any]]:
    return [
        (path.stem.partition("__")[0], json.loads(path.read_bytes()))
        for path in sorted((PAYLOADS / forge).glob("*.json"))
    ]


RECORDED = {forge: _recorded(forge) for forge in ("github", "gitlab")}


def _parse(forge: str, event: str, body: bytes) -> None:
    """Do what the service and then a worker do with a body."""
    envelope = read_envelope(body)
    installation_of(envelope.installation)
    host_of({}, envelope.sender)
    parse(forge, event, msgspec.json.decode(body), ENVELOPE)


def _raw(forge: str, data: bytes) -> None:
    choices = Choices(data)
    content_type, event = choices.one(TYPES), choices.one(EVENTS[forge])
    try:
        body = json_bytes(content_type, choices.rest())
    except BadInputError:
        return
    _parse(forge, event, body)


def _values(forge: str, data: bytes) -> None:
    choices = Choices(data)
    event, payload = choices.one(RECORDED[forge])
    if choices.number(4) == 0:
        event = choices.one(EVENTS[forge])
    _parse(forge, event, json.dumps(choices.changed(payload)).encode())


def _headers(data: bytes) -> None:
    """Nothing that does not know the secret is verified, and every key can be stored."""
    choices = Choices(data)
    headers: Mapping[str, str] = {
        choices.one(HEADERS): choices.one(VALUES) if choices.number(2) else choices.text()[:6000] for _ in range(4)
    }
    body = choices.rest()
    for verify in (_verify_github, _verify_gitlab):
        try:
            verify(headers, body)
        except UnauthorizedError:
            continue
        raise AssertionError("a request without a signature was verified")
    event_name(headers.get("x-github-event"))
    for key in (github_key(headers, body, "secret"), gitlab_key(headers, body, "secret")):
        assert len(key) > 0
    with contextlib.suppress(NotFoundError):
        parse_connection_name(choices.text()[:100])


def _verify_github(headers: Mapping[str, str], body: bytes) -> None:
    verify_github(headers, body, "a secret")


def _verify_gitlab(headers: Mapping[str, str], body: bytes) -> None:
    verify_gitlab(headers, body, "whsec_c2VjcmV0", now=NOW, tolerance=timedelta(minutes=5))


def _seeds_of(forge: str) -> Iterator[bytes]:
    for place, (_, payload) in enumerate(RECORDED[forge]):
        yield bytes([0, place % len(EVENTS[forge])]) + json.dumps(payload).encode()
    yield b"\1\0payload=%7B%22a%22%3A1%7D"
    yield b"\0\0" + b'{"installation":' * 400 + b"1" + b"}" * 400


def _no_seeds() -> Iterator[bytes]:
    yield from (b"", bytes(range(64)), b"\xff" * 40)


TARGETS = (
    Target("github", lambda data: _raw("github", data), lambda: _seeds_of("github"), 16384),
    Target("gitlab", lambda data: _raw("gitlab", data), lambda: _seeds_of("gitlab"), 16384),
    Target("github_values", lambda data: _values("github", data), _no_seeds, 256),
    Target("gitlab_values", lambda data: _values("gitlab", data), _no_seeds, 256),
    Target("webhook_headers", _headers, _no_seeds, 256),
)
