"""Models, workflows and prompts, over HTTP and beside the REST endpoints."""

from decimal import Decimal

import httpx

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization

PERIOD = "period=2026-11-02..2026-11-22"
DAYS = {"from": "2026-11-02", "to": "2026-11-22"}


async def sign_in(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    async with database.organization(organization.organization_id) as tenant:
        token = await create_sign_in_link(tenant)
    await client.get(f"/sign-in/{token}")


async def test_models_add_up_to_the_spend_of_the_endpoint(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(company, database, organization)
    asked = {**DAYS, "bucket": "total", "group_by": "model"}
    rows = (await company.get("/api/v1/spend", params=asked)).json()["items"]
    expected = {row["model"]: Decimal(row["figures"]["cost_usd"]) for row in rows}
    for team in ("", "&team=web"):
        items = (await company.get(f"/compare/model.json?{PERIOD}{team}")).json()["items"]
        assert {row["model"]: Decimal(row["spend_usd"]) for row in items} == expected
    asked["group_by"] = "fate"
    fates = (await company.get("/api/v1/spend", params=asked)).json()["items"]
    [merged] = [row for row in fates if row["fate"] == "merged"]
    assert sum(Decimal(row["shipped_usd"]) for row in items) == Decimal(merged["figures"]["cost_usd"])


async def test_one_model_has_its_page(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(company, database, organization)
    text = (await company.get(f"/compare/model?{PERIOD}&model=claude-sonnet-4-5")).text
    assert "claude-sonnet-4-5 cost" in text
    assert f'href="/compare/model?{PERIOD}"' in text
    table = await company.get(f"/compare/model.csv?{PERIOD}&model=claude-sonnet-4-5")
    assert table.headers["content-disposition"] == 'attachment; filename="model-spend.csv"'
    assert "was not used" in (await company.get(f"/compare/workflow?{PERIOD}&workflow=review")).text


async def test_workflows_and_prompts_open_without_any_and_refuse_two_at_once(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(company, database, organization)
    text = (await company.get(f"/compare/workflow?{PERIOD}")).text
    assert "No workflow is known" in text
    assert "No prompt version was named" in text
    both = await company.get("/compare/workflow?workflow=a&prompt=b")
    assert both.status_code == 400
    assert "cannot be combined" in both.text
