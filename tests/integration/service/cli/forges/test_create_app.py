"""`shipledger github create-app` as a process, with a browser that does what people do at GitHub."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.listening import listening
from tests.harness.organization import Organization
from tests.harness.shipledger_up import command, environment_of
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.backfill import backfill
from workers.jobs.set_up_github_apps import set_up_github_apps


@pytest.fixture
def service_url(settings: Settings) -> Iterator[str]:
    with application(settings) as app, listening(app) as url:
        yield url


@pytest.fixture
async def worker(worker_context: WorkerContext, organization: Organization) -> AsyncIterator[None]:
    """Does what is due, as the sweep would have it."""
    context = replace(worker_context, forges=Clients(allow_private=True))

    async def work() -> None:
        while True:
            await set_up_github_apps(context, organization.organization_id)
            await backfill(context, organization.organization_id)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


class Terminal:
    """The command, and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    @classmethod
    async def start(cls, home: Path, url: str, organization: Organization, *arguments: str) -> "Terminal":
        assert sys.executable
        process = await asyncio.create_subprocess_exec(
            *command("github", "create-app", *arguments, "--url", url, "--key", organization.key),
            env=environment_of(home),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def address(self, stream: str = "stdout") -> str:
        """The next address that it says on a line of its own."""
        source = getattr(self.process, stream)
        async with asyncio.timeout(30):
            while line := (await source.readline()).decode():
                self.said += line
                if line.startswith("  http"):
                    return line.strip()
        raise AssertionError(f"it ended: {self.said} {(await self.process.stderr.read()).decode()}")

    async def end(self) -> tuple[int, str, str]:
        async with asyncio.timeout(60):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, self.said + out.decode(), err.decode()


async def confirm(begun: dict[str, Any], state: str) -> None:
    """Press both buttons: ours, and GitHub's; then follow GitHub back."""
    async with httpx.AsyncClient(timeout=30) as browser:
        form = {"manifest": json.dumps(begun["manifest"])}
        page = await browser.post(begun["action"], params={"state": state}, data=form)
        assert "Create GitHub App" in page.text, page.text
        path = page.text.partition('action="')[2].partition('"')[0]
        back = await browser.post(httpx.URL(begun["action"]).join(path))
        answer = await browser.get(back.headers["location"])
        assert answer.status_code == 303, answer.text


async def form_of(page: str) -> dict[str, Any]:
    """What the page would send."""
    async with httpx.AsyncClient() as browser:
        text = (await browser.get(page)).text
    manifest = text.partition('name="manifest" value="')[2].partition('">')[0].replace("&#34;", '"')
    action = text.partition('<form method="post" action="')[2].partition("?state=")[0]
    return {"manifest": json.loads(manifest), "action": action}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("as_json", [False, True])
async def test_it_goes_from_the_manifest_to_the_end_of_the_first_backfill(
    tmp_path: Path,
    service_url: str,
    organization: Organization,
    github_server: tuple[FakeGithub, str],
    as_json: bool,
) -> None:
    fake, forge = github_server
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=20)}
    arguments = ["--base-url", forge, "--public-url", "https://ledger.example.com", "--no-browser"]
    terminal = await Terminal.start(tmp_path, service_url, organization, *arguments, *["--json"] * as_json)
    stream = "stderr" if as_json else "stdout"
    page = await terminal.address(stream)
    await confirm(await form_of(page), page.rpartition("/")[2])
    install = urlsplit(await terminal.address(stream))
    [app] = fake.apps.registered.values()
    installation = fake.apps.install(app, list(fake.repositories.values()))
    parameters = {"installation_id": str(installation.number), "state": parse_qs(install.query)["state"][0]}
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(app.manifest["setup_url"], params=parameters)
        assert answer.status_code == 200, answer.text
    status, out, err = await terminal.end()
    assert status == 0, err
    if as_json:
        reported = json.loads(out.removeprefix(terminal.said))
        assert (reported["state"], reported["backfills"][0]["pull_requests"]) == ("registered", 20)
    else:
        assert "20 pull requests and" in out
    assert "PRIVATE KEY" not in out + err


async def test_a_dry_run_prints_the_manifest_and_warns_about_an_unreachable_address(
    tmp_path: Path, service_url: str, organization: Organization
) -> None:
    terminal = await Terminal.start(tmp_path, service_url, organization, "--dry-run", "--team-sync")
    status, out, err = await terminal.end()
    assert status == 0, err
    manifest = json.loads(out)
    assert manifest["default_permissions"]["members"] == "read"
    assert "checks" not in manifest["default_permissions"]
    assert "hook_attributes" not in manifest
    assert err.startswith("warning: GitHub cannot reach http://127.0.0.1:")


@pytest.mark.usefixtures("worker")
async def test_a_code_that_github_refuses_is_one_clear_line(
    tmp_path: Path, service_url: str, organization: Organization, github_server: tuple[FakeGithub, str]
) -> None:
    fake, forge = github_server
    terminal = await Terminal.start(tmp_path, service_url, organization, "--base-url", forge, "--no-browser")
    page = await terminal.address()
    async with httpx.AsyncClient() as browser:
        place = f"{service_url}/github/registered"
        answer = await browser.get(place, params={"code": "made-up", "state": page.rpartition("/")[2]})
        assert answer.status_code == 303
    status, _, err = await terminal.end()
    assert status == 1
    assert err.splitlines()[-1].startswith("error: the App was not registered: GitHub does not know this code")
    assert fake.apps.registered == {}


async def test_bad_input_is_one_clear_line(tmp_path: Path, service_url: str, organization: Organization) -> None:
    terminal = await Terminal.start(tmp_path, service_url, organization, "--base-url", "ftp://github.example.com")
    status, out, err = await terminal.end()
    assert (status, out) == (1, "")
    assert "base_url must be a web address" in err
    assert len(err.splitlines()) == 1
