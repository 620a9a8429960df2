"""Every endpoint, webhook and job is given names and mails everywhere; nothing that an operator reads has them."""

import io
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg
import httpx
import pytest
import structlog

from schema.logs import configure_logs
from service.http.problems import log_unexpected
from tests.harness.organization import Organization
from tests.harness.webhooks import PAYLOADS, Forge
from workers.work_failures import stored_failure

# Not the word that the harness looks for in tables: administrators choose the names of teams, which are stored.
MARK = "kanarie-secret@example.com"
HEADERS = {
    **dict.fromkeys(("User-Agent", "X-Forwarded-For", "X-Request-ID", "X-GitHub-Delivery", "traceparent"), MARK),
    "Referer": f"https://{MARK}/",
    "Cookie": f"shipledger_session={MARK}; other={MARK}",
}
OTLP = {"Content-Type": "application/json"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What was written to stderr at the level debug, and what libraries would log at any level."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure_logs("debug")
    # Libraries may quote URLs when asked to debug, so they are not, whatever the level.
    assert root.level == logging.WARNING
    root.addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    # The client of this test logs what it sends.
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.CRITICAL, logger=name)
    yield lambda: written.getvalue() + caplog.text
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def with_canaries(value: Any) -> Any:
    """Return decoded JSON with a canary in every text."""
    if isinstance(value, dict):
        return {name: with_canaries(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_canaries(each) for each in value]
    return f"{MARK}-{value}" if isinstance(value, str) else value


async def send_all(client: httpx.AsyncClient, headers: dict[str, str]) -> list[httpx.Response]:
    """Send each described operation canaries as parameters and in its body, and as a body that is no JSON."""
    description = (await client.get("/schema/openapi.json")).json()
    answers = []
    for path, operations in description["paths"].items():
        target = "/".join(MARK if part.startswith("{") else part for part in path.split("/"))
        for method, operation in operations.items():
            names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            example = with_canaries(content.get("example", {"name": "x"}))
            for query in ({}, dict.fromkeys(names, MARK)):
                for body in (json.dumps(example).encode(), MARK.encode()):
                    request = {"params": query, "headers": {**headers, **OTLP}}
                    if method != "get":
                        request["content"] = body
                    answers.append(await client.request(method.upper(), target, **request))
    return answers


async def test_no_request_leaves_an_identity_in_logs_metrics_or_problems(
    client: httpx.AsyncClient, organization: Organization, logged: Callable[[], str]
) -> None:
    answers = await send_all(client, {**HEADERS, **organization.headers})
    answers += await send_all(client, {**HEADERS, "Authorization": f"Bearer sl1_1_{MARK}"})
    assert len(answers) > 300
    # Whoever sends a request may read the names of its own fields, but no value.
    for answer in answers:
        if answer.status_code >= 400:
            assert MARK not in answer.text, (answer.request.method, answer.url)
    assert {answer.status_code for answer in answers} & {200, 201, 400, 401, 404}
    assert not [answer.url for answer in answers if answer.status_code == 500]
    assert "kanarie" not in (await client.get("/metrics", headers=organization.headers)).text
    assert "kanarie" not in logged()


async def test_no_delivery_and_no_job_leaves_an_identity_in_logs(
    github: Forge, gitlab: Forge, drain: Callable[[], Awaitable[None]], logged: Callable[[], str]
) -> None:
    for forge in (github, gitlab):
        for path in sorted((PAYLOADS / forge.name).glob("*.json")):
            await forge.send(path.stem.partition("__")[0], path.read_bytes(), MARK)
            changed = with_canaries(json.loads(path.read_bytes()))
            await forge.send(MARK, changed, f"{MARK}-{path.stem}")
        for body in (MARK.encode(), b'{"CANARY', b"\xff" + MARK.encode()):
            assert MARK not in (await forge.send("push", body)).text
    await drain()
    written = logged()
    assert "CANARY" not in written
    assert "kanarie" not in written


def test_an_unexpected_error_is_logged_by_type_and_place_alone(logged: Callable[[], str]) -> None:
    refused = asyncpg.UniqueViolationError(f"duplicate key value ({MARK})")
    refused.detail = f"Key (name)=({MARK}) already exists."
    for error in (refused, ValueError(MARK), KeyError(MARK), httpx.ConnectError(f"https://{MARK}")):
        error.__cause__ = OSError(MARK)
        log_unexpected(error)
        assert "kanarie" not in stored_failure(error)
    found = logged()
    assert "UniqueViolationError" in found
    assert "kanarie" not in found
