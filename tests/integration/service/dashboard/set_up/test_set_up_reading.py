"""Set-up lists what is missing."""

import httpx

from schema.database import Database
from service.dashboard.set_up.facts import SetUpFacts
from service.dashboard.set_up.reading import read_connected
from tests.harness.organization import Organization
from tests.integration.service.dashboard.conftest import NOW


async def facts_of(database: Database, organization: Organization) -> SetUpFacts:
    async with database.organization(organization.organization_id) as tenant:
        return await read_connected(tenant, NOW.date())


async def test_set_up_counts_what_is_connected(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    before = await facts_of(database, organization)
    assert (before.connections, before.pull_requests, before.token_requests) == (0, 4, 5)
    assert before.teams_without_size == ("web",)
    assert before.evidence["branch"] == 1_000_070
    assert "overhead" not in before.evidence
    await company.post("/api/v1/connections", json={"forge": "github"})
    await company.post("/api/v1/teams", json={"name": "web", "size": 6})
    after = await facts_of(database, organization)
    assert after.connections == 1
    assert after.teams_without_size == ()
