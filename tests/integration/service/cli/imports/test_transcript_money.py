"""The money of an import equals an independent computation from the price list, to the nano-dollar."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from genai_prices import Usage, calc_price

from schema.settings import Settings
from service.cli.main import main
from service.imports.transcripts.folders import find_files
from tests.benchmarks.imports.transcripts import write_folder
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

# Models of the mix that the price list knows.
PRICED = {"claude-opus-4-8": "claude-opus-4-5-20251101", "claude-sonnet-5-5": "claude-sonnet-4-5-20250929"}


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def transcripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    write_folder(tmp_path / "claude", 1_500_000, 12, seed=7)
    for file in find_files([tmp_path / "claude"]):
        text = file.path.read_text()
        for unknown, priced in PRICED.items():
            text = text.replace(unknown, priced)
        file.path.write_text(text)
    return tmp_path / "claude"


def responses(folder: Path) -> list[dict[str, Any]]:
    """Each message once, read in the plainest way."""
    best: dict[str, dict[str, Any]] = {}
    for file in find_files([folder]):
        for raw in file.path.read_text().splitlines():
            record = json.loads(raw)
            if record["type"] == "assistant":
                message = record["message"] | {"timestamp": record["timestamp"]}
                known = best.get(message["id"])
                if known is None or message["usage"]["output_tokens"] > known["usage"]["output_tokens"]:
                    best[message["id"]] = message
    return list(best.values())


def nano_usd(message: dict[str, Any]) -> int:
    used = message["usage"]
    usage = Usage(
        input_tokens=used["input_tokens"] + used["cache_read_input_tokens"] + used["cache_creation_input_tokens"],
        cache_read_tokens=used["cache_read_input_tokens"],
        cache_write_tokens=used["cache_creation_input_tokens"],
        cache_write_1h_tokens=used["cache_creation"]["ephemeral_1h_input_tokens"],
        output_tokens=used["output_tokens"],
    )
    at = datetime.fromisoformat(message["timestamp"])
    price = calc_price(usage, message["model"], provider_id="anthropic", genai_request_timestamp=at).total_price
    return int((Decimal(price) * 10**9).to_integral_value(ROUND_HALF_EVEN))


async def test_the_ledger_costs_what_the_responses_cost(
    service_url: str,
    client: httpx.AsyncClient,
    organization: Organization,
    transcripts: Path,
    drain: Callable[[], Awaitable[None]],
) -> None:
    command = ["import", "claude-code", str(transcripts), "--url", service_url, "--key", organization.key, "--json"]
    result = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert result.exit_code == 0, result.output
    await drain()
    ledger = (await client.get("/api/v1/ledger?from=2026-09-01", headers=organization.headers)).json()
    expected = responses(transcripts)
    assert ledger["received"]["total"] == sum(
        count for message in expected for name, count in message["usage"].items() if name.endswith("_tokens")
    )
    assert Decimal(ledger["received"]["cost_usd"]) * 10**9 == sum(map(nano_usd, expected))
    assert Decimal(ledger["difference"]["cost_usd"]) == 0
