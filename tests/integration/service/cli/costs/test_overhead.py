"""`shipledger overhead`: set, listed and removed, as somebody types it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

Overhead = Callable[..., Awaitable[Result]]
SET = ("set", "energy", "0.02", "--from", "2026-11-01", "--source", "bill-7")


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def overhead(service_url: str, organization: Organization) -> Overhead:
    async def run(*arguments: str) -> Result:
        command = ["overhead", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def test_a_factor_is_set_listed_and_removed(overhead: Overhead) -> None:
    assert (await overhead(*SET, "--dry-run")).output == "the factor is valid; nothing was changed (--dry-run)\n"
    assert (await overhead(*SET)).output == "stored the factor\n"
    assert (await overhead(*SET)).output == "the factor was stored before\n"
    items = json.loads((await overhead("list", "--json")).stdout)["items"]
    assert (items[0]["part"], items[0]["value"], items[0]["source"]) == ("energy", "0.02", "bill-7")
    assert "bill-7" in (await overhead("list")).output
    assert (await overhead("remove", str(items[0]["id"]))).output == f"removed factor {items[0]['id']}\n"
    assert "bill-7" not in (await overhead("list")).output


async def test_a_bad_factor_names_its_field_before_anything_is_sent(overhead: Overhead) -> None:
    failed = await overhead(*SET[:-1], "Jane", "--dry-run")
    assert (failed.exit_code, "source" in failed.output, "Jane" in failed.output) == (1, True, False)
