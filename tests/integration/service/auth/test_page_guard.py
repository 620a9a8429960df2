"""Forms from elsewhere and foreign hosts are refused on every page."""

import re

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from tests.harness.applications import application
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.signing_in import of_a_form, sign_in

PUBLIC = "https://tokens.example.com"


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    await sign_in(client, database, organization)
    return client


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://127.0.0.1:81"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost"},
        {"Origin": "http://[broken"},
        {"X-CSRF-Token": "another"},
        {"X-CSRF-Token": ""},
    ],
    ids=str,
)
async def test_a_form_from_elsewhere_or_without_the_token_changes_nothing(
    signed_in: httpx.AsyncClient, changed: dict[str, str]
) -> None:
    answer = await signed_in.post("/sign-out", headers={**of_a_form(signed_in), **changed})
    assert answer.status_code == 403, answer.text
    assert (await signed_in.get("/")).status_code == 200


async def test_a_form_of_ours_is_known_by_its_hidden_field(signed_in: httpx.AsyncClient) -> None:
    headers = of_a_form(signed_in)
    token = headers.pop("X-CSRF-Token")
    (hidden,) = re.findall(r'name="csrf_token" value="([^"]+)"', (await signed_in.get("/")).text)
    assert hidden != token
    assert (await signed_in.post("/sign-out", headers=headers, data={"csrf_token": hidden})).status_code == 303


async def test_a_browser_that_hides_the_origin_says_that_the_form_is_ours(signed_in: httpx.AsyncClient) -> None:
    headers = {**of_a_form(signed_in), "Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await signed_in.post("/sign-out", headers=headers)).status_code == 303


@pytest.mark.parametrize("path", ["/", "/github", "/repairs", "/sign-in", "/sign-in/1-" + "a" * 43])
async def test_a_forged_host_is_refused_on_every_page(signed_in: httpx.AsyncClient, path: str) -> None:
    answer = await signed_in.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, "evil.example" in answer.text) == (421, False)
    assert (await signed_in.get(path, headers={"Host": "127.0.0.1:8787"})).status_code != 421


async def test_without_a_public_address_none_is_made_from_a_foreign_host(
    client: httpx.AsyncClient, organization: Organization
) -> None:
    headers = {**organization.headers, "Host": "evil.example"}
    for path, body in (("connections", {"forge": "gitlab"}), ("dashboard-links", {}), ("shared-links", {"view": "/"})):
        answer = await client.post(f"/api/v1/{path}", json=body, headers=headers)
        assert (answer.status_code, "SHIPLEDGER_PUBLIC_URL" in answer.text) == (421, True), path


async def test_with_a_public_address_every_address_is_made_from_it_whatever_the_host(
    settings: Settings, organization: Organization
) -> None:
    with application(settings.model_copy(update={"public_url": PUBLIC})) as app:
        async with serve(app) as client:
            headers = {**organization.headers, "Host": "evil.example"}
            made = await client.post("/api/v1/connections", json={"forge": "gitlab"}, headers=headers)
            linked = await client.post("/api/v1/dashboard-links", json={}, headers=headers)
            refused = await client.get("/sign-in", headers={"Host": "tokens.example.com.evil.example"})
            shown = await client.get("/sign-in", headers={"Host": "Tokens.example.com:443"})
    assert made.json()["webhook_url"].startswith(f"{PUBLIC}/webhooks/gitlab/")
    assert linked.json()["url"].startswith(f"{PUBLIC}/sign-in/")
    assert (refused.status_code, shown.status_code) == (421, 200)
