"""Errors of pages: a browser gets a page with a way on, a program a problem document."""

import re

import httpx

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from service.auth.roles import Role
from service.auth.sessions.cookie import NAME
from service.auth.tokens import make_token
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def ways_on(text: str) -> list[tuple[str, str]]:
    """Address and text of the links in the message."""
    main = text.split("<main")[1]
    return re.findall(r'<a class="btn" href="([^"]*)">([^<]*)</a>', main)


async def test_an_unknown_address_is_a_page_for_browsers_and_a_problem_for_programs(
    client: httpx.AsyncClient, organization: Organization
) -> None:
    page = await client.get("/nowhere", headers=BROWSER)
    assert (page.status_code, "This page does not exist" in page.text) == (404, True)
    assert ways_on(page.text) == [("/", "Go to the overview")]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path, headers in (("/nowhere", {}), ("/api/v1/nowhere", BROWSER), ("/v1/nowhere", BROWSER)):
        answer = await client.get(path, headers={**organization.headers, **headers})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_each_refusal_leads_on(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    await sign_in(client, database, organization, Role.VIEWER)
    for path, status in (("/administration", 403), ("/teams/nosuch", 404), ("/spend?colour=red", 400)):
        answer = await client.get(path)
        assert (answer.status_code, ways_on(answer.text)) == (status, [("/", "Go to the overview")]), path
    answer = await client.delete("/spend", headers=BROWSER)
    assert (answer.status_code, "takes no form" in answer.text) == (405, True)


async def test_a_bad_form_leads_back_to_its_page(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    sent = {**of_a_form(client), "Referer": f"{client.base_url}/administration?done=key-revoked"}
    answer = await client.post("/administration/keys", data={"scopes": ["read"]}, headers=sent)
    assert (answer.status_code, ways_on(answer.text)) == (400, [("/administration", "Back to the form")])
    foreign = {**sent, "Referer": "https://evil.example/administration"}
    answer = await client.post("/administration/keys", data={"scopes": ["read"]}, headers=foreign)
    assert ways_on(answer.text) == [("/", "Go to the overview")]


async def test_a_shared_view_leads_back_to_itself(client: httpx.AsyncClient, organization: Organization) -> None:
    made = await client.post("/api/v1/shared-links", json={"view": "/spend?period=4w"}, headers=organization.headers)
    await client.get(made.json()["url"].removeprefix(str(client.base_url).rstrip("/")))
    answer = await client.get("/releases")
    assert (answer.status_code, ways_on(answer.text)) == (403, [("/spend?period=4w", "Back to the shared view")])


async def test_without_the_database_a_page_says_so_and_can_be_tried_again(redis_url: str) -> None:
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/none", redis_url=redis_url, secret_key="x" * 40, _env_file=None
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app=app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        client.cookies.set(NAME, make_token(1))
        answer = await client.get("/spend?period=4w", headers=BROWSER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert ways_on(answer.text) == [("/spend?period=4w", "Try again")]
    assert answer.headers["content-type"].startswith("text/html")
