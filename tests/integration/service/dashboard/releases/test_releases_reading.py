"""The pages of releases hold what the REST endpoint says of them, and name tags that move."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization

REPOSITORY = "github.com/octo-org/octo-repo"
PERIOD = "period=2026-11-09..2026-11-29"
# Tags with what each lists, and when it was released; v1 moves, and v0.1.1 fixes v0.1.0.
TAGS = {"v0.1.0": ([2], 13), "v0.1.1": ([1], 19), "v1.0.0": ([], 20), "v1": ([], 20)}


@pytest.fixture
async def pages(
    company: httpx.AsyncClient, database: Database, organization: Organization, drain: Callable[[], Awaitable[None]]
) -> httpx.AsyncClient:
    """The company with releases, signed in."""
    items = [
        {
            "forge": "github",
            "repository": REPOSITORY,
            "tag": tag,
            "state": "published",
            "released_at": f"2026-11-{day}T20:00:00Z",
            "pull_requests": numbers,
        }
        for tag, (numbers, day) in TAGS.items()
    ]
    (await company.post("/api/v1/releases", json={"items": items})).raise_for_status()
    await drain()
    async with database.organization(organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await company.get(f"/sign-in/{link}")
    return company


async def listed(pages: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await pages.get(f"/releases.json?{PERIOD}{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def reported(pages: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await pages.get("/api/v1/releases")).json()["items"]
    return items


async def test_the_list_is_that_of_the_endpoint(pages: httpx.AsyncClient) -> None:
    items = await reported(pages)
    rows = await listed(pages)
    assert [row["artifact_id"] for row in rows] == [item["artifact_id"] for item in items]
    for row, item in zip(rows, items, strict=True):
        assert row["pull_requests"] == item["pull_requests"]
        assert row["cost_usd"] in {None, item["cost_usd"]}
    assert sum(row["pull_requests"] for row in rows) == 2
    assert sum(row["is_moving_tag"] for row in rows) == 1
    assert sum(row["fix_released_at"] is not None for row in rows) == 1


async def test_the_dearest_come_first_and_filters_limit(pages: httpx.AsyncClient) -> None:
    least = [Decimal(row["cost_low_usd"] or row["cost_usd"] or 0) for row in await listed(pages, "&sort=least")]
    assert least == sorted(least, reverse=True)
    assert len(await listed(pages, f"&repository={REPOSITORY}")) == len(await listed(pages, "&team=web")) == len(TAGS)
    assert await listed(pages, "&sort=least&repository=octo-org/octo-repo") == await listed(pages, "&sort=least")
    assert (await pages.get("/releases?repository=nobody/nothing")).status_code == 404


async def test_the_sums_are_those_of_the_endpoint(pages: httpx.AsyncClient) -> None:
    span = {"from": "2026-11-09", "to": "2026-11-29", "bucket": "total"}
    sums = (await pages.get("/api/v1/releases", params=span)).json()["sums"]["rows"][0]["figures"]
    text = (await pages.get(f"/releases?{PERIOD}")).text
    assert f"<h1>{sums['releases']} releases; the newest, " in text
    assert f"${Decimal(sums['cost_usd']):.2f}" in text


async def test_each_release_opens_with_what_it_ships_and_what_came_back(pages: httpx.AsyncClient) -> None:
    texts = []
    for item in await reported(pages):
        page = await pages.get(f"/releases/{item['artifact_id']}?period=4w")
        assert page.status_code == 200, page.text
        assert 'href="/releases?period=4w"' in page.text
        texts.append(page.text)
        rows = (await pages.get(f"/releases/{item['artifact_id']}.json")).json()["items"]
        assert len(rows) == item["pull_requests"]
        known = [row["cost_usd"] for row in rows if row["cost_usd"] is not None]
        assert not known or sum(map(Decimal, known)) == Decimal(item["cost_usd"])
    assert sum("fixed it" in text for text in texts) == 1
    assert sum("It fixed" in text for text in texts) == 1
    assert sum("names other releases and ships nothing itself" in text for text in texts) == 1


async def test_a_pull_request_names_the_release_that_ships_it(pages: httpx.AsyncClient) -> None:
    merged = (await pages.get("/api/v1/attributions?state=merged")).json()["items"]
    for item in merged:
        text = (await pages.get(f"/pull-requests/{item['artifact_id']}")).text
        assert "Released in a1_" in text
        assert 'href="/releases/a1_' in text


async def test_another_organization_finds_nothing(
    pages: httpx.AsyncClient, database: Database, other_organization: Organization
) -> None:
    [item, *_] = await reported(pages)
    async with database.organization(other_organization.organization_id) as tenant:
        link = await create_sign_in_link(tenant)
    await pages.get(f"/sign-in/{link}")
    assert await listed(pages) == []
    assert (await pages.get(f"/releases/{item['artifact_id']}")).status_code == 404
    assert (await pages.get("/releases/v1")).status_code == 400
