"""The list of pull requests holds what the REST endpoint says, in every order and by every filter."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization

PERIOD = "period=2026-11-09..2026-11-29"


@pytest.fixture
async def pages(company: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    """The company, signed in."""
    async with database.organization(organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await company.get(f"/sign-in/{link}")
    return company


async def listed(pages: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await pages.get(f"/pull-requests.json?{PERIOD}{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_list_is_that_of_the_endpoint_in_each_state(pages: httpx.AsyncClient) -> None:
    reported = (await pages.get("/api/v1/attributions")).json()["items"]
    by_state: dict[str, dict[str, tuple[str, int] | tuple[None, None]]] = {"merged": {}, "open": {}, "abandoned": {}}
    for item in reported:
        figures, is_shown = (item["cost_usd"], item["tokens"]["total"]), item["reliable"] or not item["tokens"]["total"]
        by_state[item["state"]][item["artifact_id"]] = figures if is_shown else (None, None)
    for state, expected in by_state.items():
        rows = await listed(pages, f"&state={state}")
        assert {row["artifact_id"]: (row["cost_usd"], row["tokens"]) for row in rows} == expected
    assert [len(each) for each in by_state.values()] == [2, 1, 1]


async def test_the_dearest_and_the_last_merged_come_first(pages: httpx.AsyncClient) -> None:
    least = [Decimal(row["cost_low_usd"] or row["cost_usd"]) for row in await listed(pages)]
    assert least == sorted(least, reverse=True)
    merged = [row["merged_at"] for row in await listed(pages, "&sort=merged")]
    assert merged == sorted(merged, reverse=True)
    assert await listed(pages, "&team=web") == await listed(pages)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("&repository=octo-org/octo-repo", 2),
        ("&repository=github.com/octo-org/octo-repo&model=claude-sonnet-4-5", 2),
        ("&model=nothing", 0),
        ("&q=octo-org/octo-repo", 2),
        ("&q=octo-org/octo-repo%233", 1),
        ("&q=https://github.com/octo-org/octo-repo/pull/4", 1),
        ("&q=%231", 1),
        ("&q=999", 0),
        ("&q=nobody/nothing", 0),
        ("&q=octo-repo", 0),
    ],
)
async def test_filters_and_searches_find(pages: httpx.AsyncClient, query: str, number: int) -> None:
    assert len(await listed(pages, query)) == number


async def test_one_is_found_by_its_id_and_with_labels_by_its_name(
    pages: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    [row] = await listed(pages, "&q=%232")
    assert await listed(pages, f"&q={row['artifact_id']}") == [row]
    assert await listed(pages, f"&q=a1_{'0' * 64}") == []
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE repository SET label = 'github.com/octo-org/octo-repo' WHERE organization_id = $1")
    assert await listed(pages, "&q=octo-repo%232") == [row]
    assert len(await listed(pages, "&q=octo-repo")) == 2


async def test_the_page_answers_in_a_sentence(pages: httpx.AsyncClient) -> None:
    for state, says in (
        ("merged", "2 pull requests merged for"),
        ("open", "1 open pull request holds"),
        ("abandoned", "went to pull requests that were closed without a merge"),
    ):
        page = await pages.get(f"/pull-requests?{PERIOD}&state={state}")
        assert page.status_code == 200
        assert says in page.text
    assert (await pages.get("/pull-requests?repository=nobody/nothing")).status_code == 404


async def test_another_organization_finds_nothing(
    pages: httpx.AsyncClient, database: Database, other_organization: Organization
) -> None:
    [row] = await listed(pages, "&q=%232")
    async with database.organization(other_organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await pages.get(f"/sign-in/{link}")
    for query in ("", "&state=open", "&q=%232", f"&q={row['artifact_id']}", "&q=octo-org/octo-repo"):
        assert await listed(pages, query) == []
