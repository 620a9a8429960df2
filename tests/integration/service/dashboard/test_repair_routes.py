"""The page of repairs, coverage and doctor: what webhooks missed, what came back, and what cannot."""

import re

import httpx
import pytest

from schema.database import Database
from service.diagnosis.finding import State
from service.diagnosis.repairs import check_repairs
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in

SHOP = make_repository(1, "octo/shop", pull_requests=3)


@pytest.fixture
async def signed_in(repairs: Repairs, database: Database, organization: Organization) -> Repairs:
    repairs.fake.repositories = {SHOP.path: SHOP}
    await sign_in(repairs.client, database, organization)
    return repairs


async def shown(repairs: Repairs) -> str:
    answer = await repairs.client.get("/repairs")
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>|\s+", " ", answer.text)


async def test_the_page_requires_signing_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/repairs")
    assert (answer.status_code, "sign in first" in answer.text.lower()) == (401, True)


async def test_missed_requested_and_recovered_deliveries_are_shown_by_connection(signed_in: Repairs) -> None:
    assert "No forge is connected yet" in await shown(signed_in)
    made, hook = await signed_in.connect()
    text = " ".join((await shown(signed_in)).split())
    assert "Access token tried every day by listing repositories Running" in text
    await signed_in.send(hook, SHOP.deliveries()[:4], lost=2)
    await signed_in.work("deliveries")
    text = " ".join((await shown(signed_in)).split())
    assert f"GitHub at 127.0.0.1 connection {made['id']}" in text
    assert re.search(r"requested again if no attempt arrived OK \d{4}-\d\d-\d\d \d\d:\d\d UTC 2 2 0 2 ", text)
    await signed_in.work("deliveries")
    assert re.search(r"UTC 2 2 2 0 ", " ".join((await shown(signed_in)).split()))
    assert text.count("Running") == 3


async def test_a_requested_check_keeps_the_page_refreshing(signed_in: Repairs) -> None:
    await signed_in.connect()
    headers = signed_in.organization.headers
    await signed_in.client.post("/api/v1/repairs", json={"forge": "github"}, headers=headers)
    answer = await signed_in.client.get("/repairs")
    assert 'http-equiv="refresh"' in answer.text
    assert "Running" in answer.text
    for kind in ("access", "deliveries", "releases", "comparison"):
        await signed_in.work(kind)
    assert 'http-equiv="refresh"' not in (await signed_in.client.get("/repairs")).text


async def test_connections_without_a_token_are_named_with_what_they_lack_and_the_remedy(
    signed_in: Repairs, database: Database
) -> None:
    made, _ = await signed_in.connect(token=None)
    await signed_in.connect()
    text = await shown(signed_in)
    assert "1 of 2 connections without an access token: failed deliveries are not requested again" in text
    assert f"GitHub at 127.0.0.1, connection {made['id']}" in text
    assert "PUT /api/v1/connections/{id}/token" in text
    coverage = await signed_in.client.get("/api/v1/coverage", headers=signed_in.organization.headers)
    reported = coverage.json()["repair"]
    assert (reported["connections"], reported["webhooks_only"]) == (2, 1)
    (sentence,) = reported["cannot"]
    assert sentence.endswith(
        "nothing is compared at night; give them an access token: PUT /api/v1/connections/{id}/token"
    )
    await signed_in.work("deliveries")
    async with database.operator() as connection:
        (finding,) = await check_repairs(connection)
    assert (finding.state, finding.detail) == (State.WARNING, sentence.partition(";")[0])
    token = {"token": "github_pat_CANARY_token"}
    path = f"/api/v1/connections/{made['id']}/token"
    await signed_in.client.put(path, json=token, headers=signed_in.organization.headers)
    coverage = await signed_in.client.get("/api/v1/coverage", headers=signed_in.organization.headers)
    assert coverage.json()["repair"] == {"connections": 2, "webhooks_only": 0, "cannot": []}
