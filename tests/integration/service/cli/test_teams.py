"""`shipledger teams` against a running service."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.listening import listening
from tests.harness.organization import Organization

Teams = Callable[..., Awaitable[Result]]
REPOSITORY = "github.com/octo-org/octo-repo"


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def teams(service_url: str, organization: Organization) -> Teams:
    async def run(*arguments: str) -> Result:
        command = ["teams", *arguments, "--url", service_url, "--key", organization.key]
        return await asyncio.to_thread(CliRunner().invoke, main, command)

    return run


async def as_json(teams: Teams, *arguments: str) -> Any:
    result = await teams(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_a_team_is_made_changed_listed_and_removed(teams: Teams) -> None:
    result = await teams("set", "web", "--size", "7", "--telemetry-id", "w", "--repository", REPOSITORY)
    assert result.stdout == "web: 7 people, 1 repositories, telemetry ids: w\n"
    shown = await as_json(teams, "set", "web", "--rename", "storefront", "--no-size", "--remove-telemetry-id", "w")
    assert (shown["name"], shown["size"], shown["telemetry_ids"], shown["dry_run"]) == (
        "storefront",
        None,
        ["web"],
        False,
    )
    listed = (await teams("list")).stdout
    assert "storefront" in listed
    assert "default team: receives everything without a team" in listed
    shown = await as_json(teams, "remove", "storefront", "--from", "2026-11-01")
    assert (shown["name"], shown["telemetry_ids"], len(shown["repositories"])) == ("default", ["storefront", "web"], 1)


async def test_a_dry_run_changes_nothing(teams: Teams) -> None:
    result = await teams("set", "web", "--size", "7", "--dry-run")
    assert result.stdout.endswith("nothing was changed (--dry-run)\n")
    assert [team["name"] for team in (await as_json(teams, "list"))["items"]] == ["default"]
    await teams("set", "web")
    assert (await teams("remove", "web", "--dry-run")).exit_code == 0
    assert [team["name"] for team in (await as_json(teams, "list"))["items"]] == ["default", "web"]


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("remove", "nobody"), "there is no team named nobody; list them with: shipledger teams list"),
        (("remove", "default"), "is the default team"),
        (("set", "web", "--from", "2026-11-01"), "effective_from"),
        (("set", "web", "--size", "2", "--no-size"), "use either --size or --no-size"),
        (("set", "web", "--repository", "nothing"), "repositories[0]"),
    ],
)
async def test_a_mistake_is_one_clear_line(teams: Teams, arguments: tuple[str, ...], reported: str) -> None:
    result = await teams(*arguments)
    assert result.exit_code != 0
    assert reported in result.output
    assert "Traceback" not in result.output
