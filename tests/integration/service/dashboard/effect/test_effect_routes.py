"""The page of effects, over HTTP."""

import httpx

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization


async def test_the_page_says_what_is_missing_and_keeps_the_view_of_others(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        token = await create_sign_in_link(tenant)
    await company.get(f"/sign-in/{token}")
    text = (await company.get("/effect")).text
    assert "We cannot tell yet" in text
    assert 'href="/compare/team"' in text
    table = await company.get("/effect.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="effect.csv"'
    kept = (await company.get("/effect?period=4w&team=web")).text
    assert 'href="/compare/team?period=4w&amp;team=web"' in kept
    assert (await company.get("/effect?unit=tokens")).status_code == 400
