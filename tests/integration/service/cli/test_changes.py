"""`shipledger changes`: added, listed and removed, as somebody types it."""

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

Changes = Callable[..., Awaitable[Result]]
ADD = ("add", "model", "--from", "gpt-5", "--to", "gpt-5.1", "--at", "2026-11-18T10:00:00Z", "--source", "registry")


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def changes(service_url: str, organization: Organization) -> Changes:
    async def run(*arguments: str) -> Result:
        command = ["changes", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def test_a_change_is_added_listed_and_removed(changes: Changes) -> None:
    assert (await changes(*ADD, "--dry-run")).output == "the change is valid; nothing was stored (--dry-run)\n"
    assert (await changes(*ADD)).output == "stored the change\n"
    assert (await changes(*ADD)).output == "the change was stored before\n"
    (shown,) = json.loads((await changes("list", "--json")).stdout)["items"]
    assert (shown["kind"], shown["from_value"], shown["to_value"], shown["source"]) == (
        *("model", "gpt-5", "gpt-5.1", "registry"),
    )
    assert "gpt-5.1" in (await changes("list", "--from", "2026-11-18", "--to", "2026-11-18")).output
    assert "gpt-5.1" not in (await changes("list", "--from", "2026-11-19")).output
    assert (await changes("remove", str(shown["id"]))).output == f"removed change {shown['id']}\n"
    assert json.loads((await changes("list", "--json")).stdout) == {"items": []}


@pytest.mark.parametrize("place", [1, 2])
async def test_url_and_key_may_stand_before_or_behind_a_command(
    place: int, service_url: str, organization: Organization
) -> None:
    command = ["changes", "list"]
    command[place:place] = ["--url", service_url, "--key", organization.key]
    shown = await asyncio.to_thread(CliRunner().invoke, main, [*command, "--json"])
    assert json.loads(shown.stdout) == {"items": []}


async def test_a_group_with_url_and_key_alone_lists(service_url: str, organization: Organization) -> None:
    command = ["changes", "--url", service_url, "--key", organization.key]
    shown = await asyncio.to_thread(CliRunner().invoke, main, command)
    assert (shown.exit_code, shown.stdout) == (0, "none\n")


async def test_a_dry_run_removes_nothing(changes: Changes) -> None:
    await changes(*ADD)
    (shown,) = json.loads((await changes("list", "--json")).stdout)["items"]
    dry = await changes("remove", str(shown["id"]), "--dry-run", "--json")
    assert json.loads(dry.stdout) == {"removed": shown["id"], "dry_run": True}
    assert len(json.loads((await changes("list", "--json")).stdout)["items"]) == 1
    missing = await changes("remove", "99", "--dry-run")
    assert (missing.exit_code, "list them with: shipledger changes list" in missing.output) == (1, True)


async def test_a_roll_out_by_chance_names_the_teams_of_both_sides(changes: Changes) -> None:
    rollout = ("add", "rollout", "--to", "reviewer", "--given", "web", "--given", "ios", "--held-back", "data")
    assert (await changes(*rollout, "--dry-run")).exit_code == 0
    failed = await changes("add", "model", "--to", "reviewer", "--given", "web", "--dry-run")
    assert (failed.exit_code, "held_back" in failed.output) == (1, True)


async def test_a_change_of_now_needs_no_time_and_a_bad_one_names_its_field(changes: Changes) -> None:
    assert json.loads((await changes("add", "other", "--json")).stdout) == {
        "received": 1,
        "changed": 1,
        "dry_run": False,
    }
    failed = await changes("add", "other", "--label", "asked by Jane", "--dry-run")
    assert (failed.exit_code, "label" in failed.output, "Jane" in failed.output) == (1, True, False)
