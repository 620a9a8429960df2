"""The page of a pull request holds what the REST endpoint says of it."""

from decimal import Decimal

import httpx
import pytest

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization


@pytest.fixture
async def pages(company: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    """The company, signed in."""
    async with database.organization(organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await company.get(f"/sign-in/{link}")
    return company


@pytest.mark.parametrize("price", ["list", "effective", "billed"])
async def test_its_days_add_up_to_what_the_endpoint_says(pages: httpx.AsyncClient, price: str) -> None:
    items = (await pages.get("/api/v1/attributions", params={"cost_kind": price})).json()["items"]
    assert len(items) == 4
    for item in items:
        answer = await pages.get(f"/pull-requests/{item['artifact_id']}.json", params={"price": price})
        rows = answer.json()["items"]
        assert sum(row["input_uncached"] + row["output_visible"] for row in rows) == item["tokens"]["total"] > 0
        assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal(item["cost_usd"])
        assert {row["evidence"] for row in rows} == {kind for kind, share in item["evidence"].items() if share}


async def test_each_one_opens_in_its_state_and_leads_back(pages: httpx.AsyncClient) -> None:
    items = (await pages.get("/api/v1/attributions")).json()["items"]
    says = {"merged": "Merged", "open": "Still open", "abandoned": "closed without a merge"}
    for item in items:
        page = await pages.get(f"/pull-requests/{item['artifact_id']}?period=4w&team=web")
        assert page.status_code == 200, page.text
        assert says[item["state"]] in page.text
        assert 'href="/pull-requests?period=4w&amp;team=web"' in page.text


async def test_what_does_not_exist_is_not_found(
    pages: httpx.AsyncClient, database: Database, other_organization: Organization
) -> None:
    [item, *_] = (await pages.get("/api/v1/attributions")).json()["items"]
    assert (await pages.get(f"/pull-requests/a1_{'0' * 64}")).status_code == 404
    assert (await pages.get("/pull-requests/7")).status_code == 400
    assert (await pages.get(f"/pull-requests/{item['artifact_id']}?state=open")).status_code == 400
    async with database.organization(other_organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await pages.get(f"/sign-in/{link}")
    assert (await pages.get(f"/pull-requests/{item['artifact_id']}")).status_code == 404
