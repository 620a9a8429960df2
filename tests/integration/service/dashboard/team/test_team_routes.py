"""The page of a team, over HTTP."""

import httpx

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization


async def sign_in(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        token = await create_sign_in_link(tenant)
    await client.get(f"/sign-in/{token}")


async def test_a_team_has_its_page_and_files(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await company.post("/api/v1/teams", json={"name": "platform/infra", "telemetry_ids": ["infra"]})
    await sign_in(company, database, organization)
    text = (await company.get("/teams/web?period=2026-11-02..2026-11-22")).text
    assert "web spent" in text
    assert 'href="/compare/team?period=2026-11-02..2026-11-22&amp;team=web"' in text
    table = await company.get("/teams/web.csv?period=2026-11-02..2026-11-22")
    assert table.headers["content-disposition"] == 'attachment; filename="team.csv"'
    rows = (await company.get("/teams/web.json?period=2026-11-02..2026-11-22")).json()["items"]
    assert sum(row["merged_pull_requests"] for row in rows) == 2
    assert "platform/infra spent nothing" in (await company.get("/teams/platform%2Finfra")).text
    assert "platform/infra spent nothing" in (await company.get("/teams/infra")).text


async def test_what_is_no_team_and_what_is_no_parameter_are_explained(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(company, database, organization)
    missing = await company.get("/teams/nosuch")
    assert missing.status_code == 404
    assert "must be an existing team" in missing.text
    assert (await company.get("/teams/web?team=web")).status_code == 400
    refused = await company.get("/compare/team?sort=height")
    assert refused.status_code == 400
    assert "must be one of spend, merged, cost, tokens, linked, name" in refused.text
