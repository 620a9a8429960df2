"""The page and the way in, over HTTP."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from schema.database import Database
from service.auth.sign_in import create_sign_in_link
from tests.harness.organization import Organization


async def make_link(database: Database, organization: Organization) -> str:
    async with database.organization(organization.organization_id) as tenant:
        return "/sign-in/" + await create_sign_in_link(tenant)


async def test_the_page_requires_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
    assert "shipledger up" in answer.text


async def test_an_api_key_is_no_session(client: httpx.AsyncClient, organization: Organization) -> None:
    assert (await client.get("/", headers=organization.headers)).status_code == 401


async def test_a_link_works_once(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    link = await make_link(database, organization)
    first = await client.get(link)
    assert first.status_code == 303
    assert first.headers["location"] == "/"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/")).status_code == 200
    client.cookies.clear()
    assert (await client.get(link)).status_code == 410
    assert (await client.get("/")).status_code == 401


async def test_an_expired_link_is_refused(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    link = await make_link(database, organization)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE sign_in_link SET expires_at = now() - interval '1 second' WHERE organization_id = $1"
        )
    answer = await client.get(link)
    assert answer.status_code == 410
    assert "no longer works" in answer.text


@pytest.mark.parametrize("token", ["no-token", "1-short", "0-" + "a" * 43, "999999-" + "a" * 43, "1-" + "a" * 43])
async def test_what_is_no_link_is_refused_like_a_used_one(
    client: httpx.AsyncClient,
    organization: Organization,  # noqa: ARG001 - so that number 1 exists
    token: str,
) -> None:
    answer = await client.get(f"/sign-in/{token}")
    assert answer.status_code == 410
    assert token not in answer.text


async def test_signing_out_ends_the_session(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await client.get(await make_link(database, organization))
    assert (await client.get("/")).status_code == 200
    assert (await client.post("/sign-out")).status_code == 303
    assert (await client.get("/")).status_code == 401


async def test_pages_let_nothing_from_elsewhere_in(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await client.get(await make_link(database, organization))
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
    await company.get(await make_link(database, organization))
    text = (await company.get("/")).text
    assert "&lt;img src" in text
    assert "<img" not in text


async def test_every_page_is_compressed_and_answers_as_csv_and_json(
    company: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await company.get(await make_link(database, organization))
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
        ("perod=4w", "Perod: is not a parameter of this page; use period, compare"),
        ("team=nosuch", "must be an existing team"),
        ("price=list&price=billed", "only once"),
    ],
)
async def test_an_address_that_asks_something_else_is_explained(
    company: httpx.AsyncClient, database: Database, organization: Organization, query: str, says: str
) -> None:
    await company.get(await make_link(database, organization))
    answer = await company.get(f"/?{query}")
    assert answer.status_code == (404 if "team" in query else 400)
    assert answer.headers["content-type"].startswith("text/html")
    assert says.lower().replace(":", "") in answer.text.lower().replace(":", "")


async def test_the_pages_without_figures_open_too(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await client.get(await make_link(database, organization))
    assert "Nothing has arrived yet" in (await client.get("/")).text
    assert "steps are left" in (await client.get("/setup")).text
    assert (await client.get("/setup?team=web")).status_code == 400
