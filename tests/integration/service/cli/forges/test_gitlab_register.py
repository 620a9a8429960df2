"""`shipledger gitlab register` and `remove`, from the terminal through the service and a worker to a GitLab."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from schema.settings import Settings
from service.cli.forges.gitlab_register import TOKEN_VARIABLE
from service.cli.main import main
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.gitlab import TOKEN, FakeGitlab
from tests.harness.forges.histories import make_repository
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.register_hooks import register_hooks


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
def gitlab() -> Iterator[tuple[FakeGitlab, str]]:
    fake = FakeGitlab(QuickClock())
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=3)}
    with fake.serve() as url:
        yield fake, url


@pytest.fixture
async def worker(worker_context: WorkerContext, organization: Organization) -> AsyncIterator[None]:
    """Does what is due, as the sweep would have it."""
    context = replace(worker_context, forges=Clients(allow_private=True))

    async def work() -> None:
        while True:
            await register_hooks(context, organization.organization_id)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def run(url: str, organization: Organization, *arguments: str, reported: str | None = None) -> Result:
    """With the token in the environment, or as it is typed."""
    command = ["gitlab", *arguments, "--url", url, "--key", organization.key]
    environment = {TOKEN_VARIABLE: TOKEN} if reported is None else {}
    runner = CliRunner(env=environment)
    return await asyncio.to_thread(runner.invoke, main, command, input=reported)


@pytest.mark.usefixtures("worker")
async def test_register_creates_the_hook_and_reports_the_test_delivery(
    service_url: str, gitlab: tuple[FakeGitlab, str], organization: Organization
) -> None:
    fake, forge = gitlab
    result = await run(service_url, organization, "register", "--project", "octo/shop", "--base-url", forge)
    assert result.exit_code == 0, result.output
    assert "project at 127.0.0.1: registered" in result.stdout
    assert f"hook to {service_url}/webhooks/gitlab/" in result.stdout
    assert "signed" in result.stdout
    assert "a test delivery arrived" in result.stdout
    assert f"warning: {service_url} is an address of this machine" in result.stderr
    assert TOKEN not in result.output
    assert len(fake.hooks.at("project octo/shop")) == 1


@pytest.mark.usefixtures("worker")
async def test_the_token_may_be_typed_and_the_hook_removed_again(
    service_url: str, gitlab: tuple[FakeGitlab, str], organization: Organization
) -> None:
    fake, forge = gitlab
    arguments = ("register", "--group", "octo", "--base-url", forge, "--json", "--no-backfill")
    result = await run(service_url, organization, *arguments, reported=f"{TOKEN}\n")
    assert result.exit_code == 0, result.output
    # Above it stands what the worker of this process logs.
    shown = json.loads(result.stdout.splitlines()[-1])
    assert (shown["state"], shown["scope"], shown["test"]) == ("registered", "group", "arrived")
    assert TOKEN not in result.output
    result = await run(service_url, organization, "list", "--json")
    assert [each["id"] for each in json.loads(result.stdout)["items"]] == [shown["id"]]
    assert shown["id"][:8] in (await run(service_url, organization, "list")).stdout
    result = await run(service_url, organization, "remove", shown["id"], "--remove-hook")
    assert (result.exit_code, result.stdout) == (0, f"removed {shown['id']}\n")
    assert fake.hooks.at("group octo") == []


@pytest.mark.usefixtures("worker")
async def test_a_refusal_of_gitlab_is_one_clear_line(
    service_url: str, gitlab: tuple[FakeGitlab, str], organization: Organization
) -> None:
    fake, forge = gitlab
    fake.hooks.is_administrator = False
    result = await run(service_url, organization, "register", "--system", "--base-url", forge)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "error: the hook was not registered: The access token cannot manage webhooks there. It answered: 403 "
        "Forbidden. It needs the scope api, and the rights of an administrator."
    )


async def test_a_dry_run_prints_the_hook_and_needs_no_token(service_url: str, organization: Organization) -> None:
    arguments = ("register", "--group", "octo/tools", "--public-url", "https://ledger.example.com", "--dry-run")
    result = await run(service_url, organization, *arguments, reported="")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("hook to https://ledger.example.com/webhooks/gitlab/")
    assert "merge_requests_events" in result.stdout
    assert "nothing was created (--dry-run)" in result.stdout


async def test_bad_input_is_one_clear_line(service_url: str, organization: Organization) -> None:
    result = await run(service_url, organization, "register")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: pass one of --group PATH, --project PATH or --system\n",
    )
    result = await run(service_url, organization, "register", "--group", "octo")
    assert result.exit_code == 1
    assert "SHIPLEDGER_PUBLIC_URL" in result.stderr
    assert len(result.stderr.splitlines()) == 1
