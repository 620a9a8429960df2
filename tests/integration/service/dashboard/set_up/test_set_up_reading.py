"""Set-up shows what is connected, and ends with the first figure."""

from decimal import Decimal

import httpx

from schema.database import Database
from service.dashboard.set_up.facts import SetUpFacts
from service.dashboard.set_up.reading import read_connected
from service.dashboard.shell.opening import Opened
from service.dashboard.view.view import read_view
from service.queries.teams.comparisons import Thresholds
from service.queries.upkeep.freshness import read_freshness
from tests.harness.organization import Organization
from tests.integration.service.dashboard.conftest import NOW
from vocabulary.tokens import NANO_USD


async def facts_of(database: Database, organization: Organization) -> SetUpFacts:
    view = read_view("/setup", [], (), NOW.date())
    async with database.organization(organization.organization_id) as tenant:
        freshness = await read_freshness(tenant)
        return await read_connected(Opened(tenant, view, None, Thresholds(), freshness, NOW, "", "http://here"))


async def test_set_up_finds_what_is_connected(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    before = await facts_of(database, organization)
    assert (before.connections, before.pull_requests, before.has_requests) == ((), 4, True)
    assert before.teams_without_size == ("web",)
    assert before.evidence["branch"] == 1_000_070
    assert "overhead" not in before.evidence
    assert set(before.sources) == {"claude-code"}
    await company.post("/api/v1/connections", json={"forge": "github"})
    await company.post("/api/v1/teams", json={"name": "web", "size": 6})
    after = await facts_of(database, organization)
    [connected] = after.connections
    assert (connected.forge, connected.host, connected.heard_at) == ("github", "github.com", None)
    assert after.teams_without_size == ()


async def test_the_first_figure_is_that_of_the_last_merge(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    first = (await facts_of(database, organization)).first
    asked = {"forge": "github", "repository": "github.com/octo-org/octo-repo", "number": 1}
    [reported] = (await company.get("/api/v1/attributions", params=asked)).json()["items"]
    assert first is not None
    assert (first.artifact_id, first.tokens) == (reported["artifact_id"], reported["tokens"]["total"])
    assert first.nano_usd == int(Decimal(reported["cost_usd"]) * NANO_USD)


async def test_the_page_opens(signed_in: httpx.AsyncClient) -> None:
    text = (await signed_in.get("/setup")).text
    assert "Your first figure is there; two steps are left" in text
    assert "claude-code: last heard" in text
