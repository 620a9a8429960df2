"""`shipledger layers`, from the terminal through the service and back."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

Layers = Callable[..., Awaitable[Result]]


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def layers(service_url: str, organization: Organization) -> Layers:
    async def run(*arguments: str) -> Result:
        command = ["layers", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def as_json(layers: Layers, *arguments: str) -> Any:
    result = await layers(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_what_is_set_changes_and_the_rest_stays(layers: Layers) -> None:
    await as_json(layers, "set", "--supersede", "litellm", "--source", "acme-gateway=gateway")
    shown = await as_json(layers, "set", "--order", "gateway,agent,provider", "--supersede", "codex:default")
    assert shown == {
        "order": ["gateway", "agent", "provider"],
        "sources": {"acme-gateway": "gateway"},
        "superseded": [{"source": "codex", "team": "default"}, {"source": "litellm", "team": None}],
        "dry_run": False,
    }
    shown = await as_json(layers, "set", "--count", "litellm", "--source", "acme-gateway=")
    assert (shown["sources"], shown["superseded"]) == ({}, [{"source": "codex", "team": "default"}])
    result = await layers("show")
    assert "order of preference: gateway, then agent, then provider" in result.stdout
    assert "codex is not counted for team default" in result.stdout


async def test_a_dry_run_sets_nothing(layers: Layers) -> None:
    result = await layers("set", "--supersede", "litellm", "--dry-run")
    assert "litellm is not counted\nnothing was changed (--dry-run)" in result.stdout
    assert (await as_json(layers, "show"))["superseded"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--order", "agent,gateway"), "must name each of agent, gateway and provider once"),
        (("--source", "acme"), "must be SOURCE=agent, SOURCE=gateway"),
        (("--supersede", "litellm:nobody"), "must be an existing team"),
        (("--supersede", "Not A Source"), "superseded"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_one_line_and_nothing_is_set(
    layers: Layers, arguments: tuple[str, ...], message: str
) -> None:
    result = await layers("set", *arguments)
    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert (await as_json(layers, "show"))["superseded"] == []


async def test_received_and_superseded_tokens_are_shown(
    layers: Layers, service_url: str, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> None:
    reported = {
        "occurred_at": "2026-11-18T12:30:00Z",
        "model": "claude-sonnet-4-5",
        "tokens": {"input_uncached": 5_000, "output_visible": 70},
    }
    items = [{**reported, "event_id": source, "source": source} for source in ("codex", "litellm")]
    async with httpx.AsyncClient(base_url=service_url, headers=organization.headers) as client:
        answer = await client.post("/api/v1/token-events", json={"items": items})
    assert answer.status_code == 200, answer.text
    await drain()
    lines = (await layers("show")).stdout.splitlines()
    assert lines[1].split() == ["agent", "codex", "1", "5070", "0", "-", "100", "%"]
    assert lines[2].split() == ["gateway", "litellm", "0", "0", "1", "codex", "100", "%"]
    seen = (await as_json(layers, "show"))["reported_sources"]
    assert [(each["source"], each["requests"]) for each in seen] == [("codex", 1), ("litellm", 0)]
