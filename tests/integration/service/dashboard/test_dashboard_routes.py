"""The page and the way in, over HTTP."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in


async def test_the_page_requires_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "shipledger dashboard-link" in answer.text


async def test_an_api_key_is_no_session(client: httpx.AsyncClient, organization: Organization) -> None:
    assert (await client.get("/", headers=organization.headers)).status_code == 401


async def test_pages_let_nothing_from_elsewhere_in(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    answer = await client.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    for reference in re.findall(r'(?:href|src|action)="([^"]+)"', answer.text):
        assert reference.startswith(("/", "#")), reference


async def test_assets_are_ours_and_kept_by_browsers(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    references = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)
    assert len(references) == 5
    for reference in references:
        answer = await client.get(reference)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert (await client.get("/assets/x/..%2Froutes.py")).status_code == 404


async def test_a_team_name_is_text_and_never_markup(
    company: httpx.AsyncClient,
    database: Database,
    organization: Organization,
    record_deliveries: Callable[[int], Awaitable[None]],
) -> None:
    name = "<img src=//evil.example>"
    repository = "github.com/octo-org/octo-repo"
    (await company.post("/api/v1/teams", json={"name": name, "repositories": [repository]})).raise_for_status()
    await record_deliveries(organization.organization_id)
    await sign_in(company, database, organization)
    text = (await company.get("/")).text
    assert "&lt;img src" in text
    assert "<img" not in text


async def test_every_page_is_compressed_and_answers_as_csv_and_json(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(company, database, organization)
    page = await company.get("/")
    assert page.headers["content-encoding"] == "gzip"
    for address in ("/overview.csv", "/overview.csv?period=2026-11-09..2026-11-18"):
        table = await company.get(address)
        assert table.status_code == 200, table.text
        assert table.headers["content-type"].startswith("text/csv")
        assert table.headers["content-disposition"] == 'attachment; filename="overview.csv"'
    items = (await company.get("/overview.json")).json()["items"]
    assert set(items[0]) >= {"first_day", "merged_usd", "overhead_tokens", "merged_pull_requests"}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("period=3w", "Period must be one of 12w, 4w, quarter, or days"),
        ("perod=4w", "perod is not a parameter of this page; use period, compare"),
        ("team=nosuch", "must be an existing team"),
        ("price=list&price=billed", "only once"),
    ],
)
async def test_an_address_that_asks_something_else_is_explained(
    company: httpx.AsyncClient, database: Database, organization: Organization, query: str, says: str
) -> None:
    await sign_in(company, database, organization)
    answer = await company.get(f"/?{query}")
    assert answer.status_code == (404 if "team" in query else 400)
    assert answer.headers["content-type"].startswith("text/html")
    assert says.lower().replace(":", "") in answer.text.lower().replace(":", "")


async def test_the_pages_without_figures_open_too(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    assert "Nothing has arrived yet" in (await client.get("/")).text
    assert "From nothing to the first figure in five steps" in (await client.get("/setup")).text
    assert (await client.get("/setup?team=web")).status_code == 400
