"""`shipledger link` beside the real service: from the command that installs it to the row that a commit leaves."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from schema.database import Database
from schema.identifiers import parse_repository
from schema.settings import Settings
from service.auth.api_keys import create_key
from service.auth.key_text import Scope
from service.cli.main import main
from service.link.places import settings_file, state_folder
from service.link.sending import deliver
from service.link.waiting import keep, read_notes, waiting
from tests.harness.applications import application
from tests.harness.linked_home import AGENT, Home
from tests.harness.listening import listening
from tests.harness.organization import Organization

PATIENCE_SECONDS = 20.0


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


async def key_with(database: Database, organization: Organization, *scopes: Scope) -> str:
    async with database.organization(organization.organization_id) as tenant:
        _, text = await create_key(tenant, name="test", scopes=scopes)
    return text


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["link", *arguments])


async def printed(*arguments: str) -> dict[str, Any]:
    result = await run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def rows(database: Database, organization: Organization, count: int) -> list[asyncpg.Record]:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        async with database.organization(organization.organization_id) as tenant:
            found: list[asyncpg.Record] = await tenant.fetch(
                "SELECT * FROM session_evidence WHERE organization_id = $1"
            )
        if len(found) >= count or time.monotonic() > end:
            return found
        await asyncio.sleep(0.05)


async def test_a_commit_of_an_agent_becomes_evidence(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.INTAKE)
    await printed("install", "--url", service_url, "--key", key)
    commit = await asyncio.to_thread(home.commit, **AGENT)

    [row] = await rows(database, organization, 1)
    hasher = organization.hasher
    assert row["session"] == hasher.session("claude-code", AGENT["CLAUDE_CODE_SESSION_ID"])
    assert row["branch"] == hasher.branch("main")
    assert row["repository"] == hasher.repository_by_name(parse_repository("github.com/octo-org/octo-repo"))
    assert row["source"] == "hook"
    assert row["commit"] is not None
    assert commit not in str(dict(row))


async def test_a_key_that_may_do_more_is_exchanged_for_one_that_only_sends(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.ADMIN)
    await printed("install", "--url", service_url, "--key", key)

    kept = json.loads(settings_file().read_text())
    assert kept["url"] == service_url
    assert kept["key"] != key
    assert settings_file().stat().st_mode & 0o077 == 0
    await asyncio.to_thread(home.commit, **AGENT)
    assert await rows(database, organization, 1)


async def test_a_key_that_can_neither_send_nor_make_one_is_refused(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.READ)
    result = await run("install", "--url", service_url, "--key", key)

    assert result.exit_code == 1
    assert "shipledger key create --scope intake --name link" in result.output
    assert not (home.folder / ".local/share/shipledger").exists()
    assert not settings_file().exists()


async def test_an_address_without_encryption_is_refused(home: Home) -> None:
    result = await run("install", "--url", "http://tokens.example.com", "--key", "sl1_1_key")

    assert result.exit_code == 1
    assert "--url: http://tokens.example.com is not encrypted" in result.output
    assert home.run("git", "config", "--global", "core.hooksPath").code == 1


async def test_a_dry_run_changes_nothing(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.INTAKE)
    before = (home.folder / ".gitconfig").read_text()
    steps = (await printed("install", "--url", service_url, "--key", key, "--dry-run"))["steps"]

    assert {step["act"] for step in steps} >= {"write", "set"}
    assert (home.folder / ".gitconfig").read_text() == before
    assert not (home.folder / ".local/share/shipledger").exists()
    assert not settings_file().exists()


async def test_status_says_what_to_do_next(
    home: Home, service_url: str, database: Database, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.work)
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID", raising=False)
    assert "shipledger link install" in (await printed("status"))["advice"][0]
    key = await key_with(database, organization, Scope.INTAKE)
    await printed("install", "--url", service_url, "--key", key)
    await asyncio.to_thread(home.commit, **AGENT)
    await rows(database, organization, 1)
    status = await printed("status")
    assert (status["advice"], status["is_current"], status["url"]) == ([], True, service_url)
    assert status["repository"]["runs"] is True
    await asyncio.to_thread(home.git, "config", "core.hooksPath", ".husky/_")
    status = await printed("status")
    if status["runs_by"] == "core.hooksPath":
        assert "shipledger link install --repository ." in status["advice"][0]
    await printed("install", "--repository", str(home.work))
    assert (await printed("status"))["advice"] == []


async def test_uninstalling_sends_what_waits_and_leaves_nothing(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.INTAKE)
    before = (home.folder / ".gitconfig").read_text()
    await printed("install", "--url", service_url, "--key", key)
    commit = "a" * 40
    record = {"session": "s", "occurred_at": "2026-11-22T01:45:52Z", "agent": "codex", "source": "hook"}
    keep(state_folder(), [json.dumps({**record, "repository": "github.com/octo-org/octo-repo", "commit": commit})])
    await printed("uninstall")

    assert await rows(database, organization, 1)
    assert (home.folder / ".gitconfig").read_text().split() == [*before.split(), "[core]"] or (
        home.folder / ".gitconfig"
    ).read_text() == before
    assert not (home.folder / ".local/share/shipledger/link").exists()
    assert not home.state.exists()
    assert not settings_file().exists()


async def test_an_item_that_the_service_refuses_is_counted(
    home: Home, service_url: str, database: Database, organization: Organization
) -> None:
    key = await key_with(database, organization, Scope.INTAKE)
    await printed("install", "--url", service_url, "--key", key)
    good = {"session": "s", "occurred_at": "2026-11-22T01:45:52Z", "source": "hook", "branch": "main"}
    folder = state_folder()
    keep(folder, [json.dumps({**good, "repository": "CANARY"}), json.dumps(good), json.dumps({**good, "event": "x"})])

    assert await asyncio.to_thread(deliver, folder, 0)
    assert (waiting(folder), read_notes(folder)["sent"], read_notes(folder)["refused"]) == ([], 1, 2)
    assert home.state == folder
