"""`shipledger import gateway-usage` against a listening service."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """700 requests, more than one bulk, every seventh of which tells its tokens."""
    path = tmp_path / "CANARY.jsonl"
    items = [
        {
            "event_id": f"CANARY-{number}",
            "occurred_at": "2026-11-22T01:45:52Z",
            "model": "gpt-5.1",
            "route": "/CANARY/chat/completions",
            "request_bytes": 1000,
            "response_bytes": 500,
            **({"input_tokens": 200, "output_tokens": 20} if number % 7 == 0 else {}),
        }
        for number in range(700)
    ]
    path.write_text("\n".join(map(json.dumps, items)))
    return path


async def run(*arguments: str | Path) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["import", "gateway-usage", *map(str, arguments)])


async def stored(database: Database, organization: Organization) -> tuple[int, int]:
    async with database.organization(organization.organization_id) as tenant:
        row = await tenant.connection.fetchrow("SELECT count(*), count(input_tokens) FROM gateway_usage")
    return tuple(row)


async def test_a_log_arrives_once(service_url: str, organization: Organization, database: Database, log: Path) -> None:
    address = ("--url", service_url, "--key", organization.key)
    found: list[dict[str, Any]] = []
    for _ in range(2):
        result = await run(log, *address, "--json")
        assert result.exit_code == 0, result.output
        found.append(json.loads(result.stdout))
    assert found[0] == {
        "files": 1,
        "requests": 700,
        "requests_with_tokens": 100,
        "bytes": 1_050_000,
        "unusable": 0,
        "unusable_places": [],
        "sent": {"received": 700, "measured": 100, "to_estimate": 600, "duplicates": 0},
    }
    assert found[1]["sent"] == {"received": 700, "measured": 0, "to_estimate": 0, "duplicates": 700}
    assert await stored(database, organization) == (700, 100)


async def test_a_dry_run_sends_nothing_and_needs_no_service(log: Path) -> None:
    result = await run(log, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "1 files with 700 requests of 1,050,000 bytes" in result.stdout
    assert "nothing was sent (--dry-run)" in result.stdout


@pytest.fixture
def broken_log(log: Path) -> Path:
    """The same, with a last line that says nothing."""
    log.write_text(log.read_text() + "\n{}")
    return log


async def test_a_bad_line_is_listed_and_the_others_arrive(
    service_url: str, organization: Organization, database: Database, broken_log: Path
) -> None:
    result = await run(broken_log, "--url", service_url, "--key", organization.key)
    assert result.exit_code == 0, result.output
    assert "1 could not be used and were skipped" in result.stdout
    assert "line 701: Object missing required field `event_id`" in result.stdout
    assert await stored(database, organization) == (700, 100)
