"""`shipledger prices`: set, listed, imported and removed, as somebody types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

Prices = Callable[..., Awaitable[Result]]
HEAD = "model,kind,usd,first_day,last_day,provider,service_tier\n"


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def prices(service_url: str, organization: Organization) -> Prices:
    async def run(*arguments: str) -> Result:
        command = ["prices", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def listed(prices: Prices) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((await prices("list", "--json")).stdout)["items"]
    return items


async def test_a_price_is_set_listed_and_removed(prices: Prices) -> None:
    done = await prices("set", "claude-opus-4-8", "output", "20", "--from", "2026-11-01")
    assert done.output == "1 of 1 prices changed; earlier tokens are priced again\n"
    (shown,) = await listed(prices)
    assert (shown["model"], shown["kind"], shown["usd"]) == ("claude-opus-4-8", "output", "20")
    assert "claude-opus-4-8" in (await prices("list")).output
    assert (await prices("remove", str(shown["id"]))).output == f"removed price {shown['id']}\n"
    assert await listed(prices) == []


async def test_a_file_is_imported_whole_or_not_at_all(prices: Prices, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(f"{HEAD}gpt-5,output,8,2026-11-01,,,\ngpt-5,cache_read,0.1,2026-11-01,2026-12-31,openai,flex\n")
    assert "nothing was changed" in (await prices("import", str(file), "--dry-run")).output
    assert await listed(prices) == []
    assert json.loads((await prices("import", str(file), "--json")).output)["changed"] == 2
    file.write_text(f"{HEAD}gpt-5,output,9,2026-11-01,,,\ngpt-5,output,free,2026-11-02,,,\n")
    failed = await prices("import", str(file))
    assert (failed.exit_code, "items[1].usd" in failed.output) == (1, True)
    assert {item["usd"] for item in await listed(prices)} == {"8", "0.1"}


@pytest.mark.parametrize(
    ("text", "word"),
    [(b"model,kind,usd\n", "first_day"), (HEAD[:-1].encode() + b",colour\n", "colour"), (b"\xff\xfe", "UTF-8")],
)
async def test_a_file_that_is_something_else_is_one_clear_line(
    prices: Prices, tmp_path: Path, text: bytes, word: str
) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(text)
    failed = await prices("import", str(file))
    assert (failed.exit_code, word in failed.output, failed.output.count("\n")) == (1, True, 1)
