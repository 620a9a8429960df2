"""`shipledger github redeliver`, from the terminal through the service and a worker to a GitHub and back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from click.testing import CliRunner, Result

from service.cli.main import main
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.gitlab_repairs import GitlabRepairs
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from tests.harness.organization import Organization
from workers.stores.forge.repairs import RepairKind

SHOP = make_repository(1, "octo/shop", pull_requests=4)


@asynccontextmanager
async def working(repairs: Repairs) -> AsyncIterator[None]:
    """Does every check that is due, and those that are to follow soon, at once."""

    async def work() -> None:
        while True:
            for kind in RepairKind:
                await repairs.work(kind)
            await asyncio.sleep(0.2)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def requested(repairs: Repairs) -> None:
    """Until the service was asked for a check."""
    query = "SELECT EXISTS (SELECT FROM repair_check WHERE organization_id = $1 AND requested_at IS NOT NULL)"
    async with asyncio.timeout(30):
        while True:
            async with repairs.database.organization(repairs.organization.organization_id) as tenant:
                if await tenant.fetchval(query):
                    return
            await asyncio.sleep(0.05)


async def run(url: str, organization: Organization, *arguments: str, forge: str = "github") -> Result:
    command = [forge, "redeliver", *arguments, "--url", url, "--key", organization.key]
    return await asyncio.to_thread(CliRunner().invoke, main, command)


async def test_redeliver_starts_a_check_at_once_and_prints_the_recovered_deliveries(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    repairs.fake.repositories = {SHOP.path: SHOP}
    made, hook = await repairs.connect()
    await repairs.send(hook, SHOP.deliveries(), lost=3)
    lost = len(SHOP.deliveries()[::3])
    begun = await run(service_url, organization, "--no-wait", "--json")
    (shown,) = [each for each in json.loads(begun.output)["items"] if each["kind"] == "deliveries"]
    assert (shown["connection"], shown["state"], shown["found"]) == (made["id"], "running", 0)
    async with working(repairs):
        result = await run(service_url, organization)
    assert result.exit_code == 0, result.output
    assert f"connection {made['id']}, deliveries: healthy" in result.output
    assert "0 still missing" in result.output
    assert await repairs.counts(made) == (lost, lost, lost, 0)


async def test_a_check_that_fails_ends_with_its_reason(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    await repairs.connect(token="ghp_CANARY_wrong")
    async with working(repairs):
        result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "The forge refuses the access token" in result.output


async def test_without_a_token_it_says_what_to_do(
    repairs: Repairs, service_url: str, organization: Organization
) -> None:
    await repairs.connect(token=None)
    result = await run(service_url, organization)
    assert result.exit_code == 1
    assert "/token" in result.output
    assert "Traceback" not in result.output


async def test_at_gitlab_lists_are_compared_and_failed_deliveries_sent_again(
    repairs: Repairs, service_url: str, organization: Organization, clock: QuickClock
) -> None:
    fake = FakeGitlab(clock)
    fake.repositories = {SHOP.path: make_repository(1, "octo/shop", pull_requests=3, days=10)}
    with fake.serve() as url:
        body = {"forge": "gitlab", "base_url": url, "token": GITLAB_TOKEN}
        answer = await repairs.client.post("/api/v1/connections", json=body, headers=organization.headers)
        hook = GitlabRepairs(repairs, fake, url).hook(answer.json(), f"project {SHOP.path}")
        hook.is_cut_off = True
        hook.send(deliveries(SHOP)[0], "")
        hook.is_cut_off = False
        command = asyncio.create_task(run(service_url, organization, "--json", forge="gitlab"))
        # The command reports what was found since it began, so no worker may find anything before that.
        await requested(repairs)
        async with working(repairs):
            result = await command
    assert result.exit_code == 0, result.output
    reported = {each["kind"]: each for each in json.loads(result.output)["items"]}
    assert {each["connection"] for each in reported.values()} == {answer.json()["id"]}
    assert (reported["comparison"]["found"], reported["comparison"]["recovered"]) == (3, 3)
    assert (reported["deliveries"]["found"], reported["deliveries"]["recovered"]) == (1, 1)
