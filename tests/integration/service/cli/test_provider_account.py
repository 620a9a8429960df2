"""`shipledger provider-account` against a listening service."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

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


class Terminal:
    """Runs the command as an administrator does; `typed` is typed where something is asked for."""

    def __init__(self, url: str, organization: Organization) -> None:
        self.address = ("--url", url, "--key", organization.key)

    async def run(self, *arguments: str | Path, typed: str | None = None, secret: str | None = None) -> Result:
        return await asyncio.to_thread(
            CliRunner(env={"SHIPLEDGER_PROVIDER_KEY": secret}).invoke,
            main,
            ["provider-account", *map(str, arguments), *self.address],
            input=typed,
        )


@pytest.fixture
def terminal(service_url: str, organization: Organization) -> Terminal:
    return Terminal(service_url, organization)


async def test_an_account_is_added_listed_mapped_and_removed(terminal: Terminal, tmp_path: Path) -> None:
    mails = tmp_path / "teams.csv"
    mails.write_text("mail,team\nCANARY@example.com,default\n")
    made = json.loads(
        (await terminal.run("add", "cursor", "--teams", mails, "--json", secret="CANARY-admin-key")).stdout
    )
    assert (made["provider"], made["members"], made["state"]) == ("cursor", 1, "waiting")
    shown = await terminal.run("list")
    assert made["id"] in shown.stdout
    mails.write_text("a@example.com, default\n\nb@example.com,default\n")
    assert (await terminal.run("teams", made["id"], mails)).stdout == "set the team of 2 mail addresses\n"
    renewed = await terminal.run("renew", made["id"], "--since", "2026-11-01", secret="another-admin-key")
    assert renewed.stdout == f"renewed {made['id']}\n"
    assert json.loads((await terminal.run("list", "--json")).stdout)["items"][0]["next_day"] == "2026-11-01"
    assert (await terminal.run("remove", made["id"])).exit_code == 0
    listed = json.loads((await terminal.run("list", "--json")).stdout)
    assert [each["state"] for each in listed["items"]] == ["closed"]


async def test_the_same_account_is_not_added_twice(terminal: Terminal) -> None:
    made = json.loads((await terminal.run("add", "anthropic", "--json", secret="CANARY-admin-key")).stdout)
    again = await terminal.run("add", "anthropic", secret="CANARY-admin-key")
    assert again.exit_code == 1
    assert f"this account is already pulled as {made['id']}" in again.stderr
    assert "CANARY" not in again.output
    assert (await terminal.run("add", "anthropic", secret="CANARY-other-key")).exit_code == 0
    assert (await terminal.run("add", "openai", secret="CANARY-admin-key")).exit_code == 0
    owner = ("add", "github-copilot", "--scope", "orgs/octo")
    assert (await terminal.run(*owner, secret="CANARY-first-token")).exit_code == 0
    assert "already pulled" in (await terminal.run(*owner, secret="CANARY-second-token")).stderr
    await terminal.run("remove", made["id"])
    assert (await terminal.run("add", "anthropic", secret="CANARY-admin-key")).exit_code == 0


async def test_a_refused_key_is_said_at_once_with_the_way_to_replace_it(
    settings: Settings, database: Database, organization: Organization
) -> None:
    refuse = (
        "UPDATE provider_account SET state = 'dead', failure = 'key_refused: 401 invalid x-api-key'"
        " WHERE organization_id = $1 RETURNING 1"
    )
    patient = settings.model_copy(update={"trial_wait": timedelta(seconds=20)})
    with application(patient) as app, listening(app) as url:
        terminal = Terminal(url, organization)
        adding = asyncio.create_task(terminal.run("add", "anthropic", secret="CANARY-admin-key"))
        while True:
            async with database.organization(organization.organization_id) as tenant:
                if await tenant.fetchval(refuse):
                    break
            await asyncio.sleep(0.05)
        result = await adding
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "error: anthropic could not be fetched: The provider refuses the key. It answered: "
    )
    assert "401 invalid x-api-key" in result.stderr
    assert "shipledger provider-account renew" in result.stderr


async def test_the_key_is_prompted_for_and_hidden(terminal: Terminal) -> None:
    result = await terminal.run("add", "anthropic", typed="CANARY-typed-key\n")
    assert result.exit_code == 0, result.output
    assert "CANARY" not in result.output


async def test_an_invalid_mapping_is_refused_with_its_line_number_only(terminal: Terminal, tmp_path: Path) -> None:
    mails = tmp_path / "teams.csv"
    mails.write_text("a@example.com,default\nCANARY@example.com\n")
    result = await terminal.run("add", "cursor", "--teams", mails, secret="a-long-key")
    assert result.exit_code == 1
    assert "line 2 of teams.csv" in result.output
    assert "CANARY" not in result.output


async def test_an_unknown_team_is_one_clear_line(terminal: Terminal) -> None:
    result = await terminal.run("add", "openai", "--team", "nobody", secret="a-long-key")
    assert result.exit_code == 1
    assert "POST /api/v1/teams" in result.output
