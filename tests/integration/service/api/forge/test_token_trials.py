"""A token is tried while the request that gives it waits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.listening import listening
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.repair import repair

PATH = "/api/v1/connections"


@pytest.fixture
async def patient(settings: Settings, organization: Organization) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a service that waits for a worker."""
    waits = settings.model_copy(update={"trial_wait": timedelta(seconds=30)})
    with application(waits) as app, listening(app) as url:
        async with httpx.AsyncClient(base_url=url, headers=organization.headers, timeout=60) as client:
            yield client


@pytest.fixture
async def worker(worker_context: WorkerContext, organization: Organization, clock: QuickClock) -> AsyncIterator[None]:
    """Run a worker meanwhile."""
    context = replace(worker_context, forges=Clients(allow_private=True, clock=clock))

    async def work() -> None:
        while True:
            await repair(context, organization.organization_id)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield
    working.cancel()


async def _post(client: httpx.AsyncClient, url: str, token: str) -> dict[str, Any]:
    answer = await client.post(PATH, json={"forge": "github", "base_url": url, "token": token})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.mark.usefixtures("worker")
async def test_the_answer_says_whether_the_token_works_and_otherwise_what_the_forge_said(
    patient: httpx.AsyncClient, github_server: tuple[FakeGithub, str]
) -> None:
    _, url = github_server
    refused = await _post(patient, url, "ghp_CANARY_wrong")
    assert refused["token"] == {
        "state": "refused",
        "reason": "The forge refuses the access token. It answered: 401 Bad credentials. Set another token: "
        "PUT /api/v1/connections/{id}/token.",
    }
    given = await patient.put(f"{PATH}/{refused['id']}/token", json={"token": TOKEN})
    assert (given.status_code, given.json()) == (200, {"state": "works", "reason": None})
    shown = (await patient.get(f"{PATH}/{refused['id']}")).json()
    assert {each["state"] for each in shown["repairs"] if each["kind"] == "access"} == {"healthy"}


@pytest.mark.usefixtures("worker")
async def test_a_forge_that_does_not_answer_is_named_with_what_broke_the_connection(
    patient: httpx.AsyncClient,
) -> None:
    made = await _post(patient, "http://127.0.0.1:9", TOKEN)
    assert made["token"]["state"] == "waiting"
    assert "does not answer. Last attempt: the connection was refused." in made["token"]["reason"]
