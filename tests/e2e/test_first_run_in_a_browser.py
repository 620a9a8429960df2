"""A new installation in a real Chromium: sign in at an OpenID provider, every page without data, the first figure."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from schema.database import Database
from schema.settings import Settings
from tests.e2e.conftest import Site, serving
from tests.e2e.test_pages_in_a_browser import ENTRIES, NARROW, WIDE
from tests.e2e.watching import opened, signed_in, violations
from tests.harness.identity_providers import CLIENT, OpenIdServer, openid_server
from tests.harness.organization import Organization

pytestmark = pytest.mark.browser

SUBJECT = "CANARY-subject"
# A page that names a team needs one; every organization has this one.
ADDRESSES = [
    "/teams/default" if each == "/teams" else each for entry in ENTRIES for each in (entry.address, *entry.covers)
]


@pytest.fixture
def openid() -> Iterator[OpenIdServer]:
    with openid_server() as server:
        yield server


@pytest.fixture
async def site_of_members(
    settings: Settings, database: Database, organization: Organization, openid: OpenIdServer
) -> AsyncIterator[Site]:
    provider = {"oidc_issuer": openid.issuer, "oidc_client_id": CLIENT[0], "oidc_name": "Example Login"}
    update = {**provider, "oidc_client_secret": SecretStr(CLIENT[1])}
    async with serving(settings.model_copy(update=update), database, organization) as site:
        yield site


async def test_a_member_signs_in_at_the_provider_and_comes_to_the_page_that_was_asked_for(
    chromium: Browser, site_of_members: Site, openid: OpenIdServer
) -> None:
    site = site_of_members
    rule = {"provider": "oidc", "kind": "group", "value": "platform", "role": "viewer"}
    async with httpx.AsyncClient(headers=site.organization.headers) as client:
        (await client.post(f"{site.url}/api/v1/sign-in-rules", json=rule)).raise_for_status()
        (await client.put(f"{openid.issuer}/users/{SUBJECT}", json={"groups": ["platform"]})).raise_for_status()
    context = await chromium.new_context()
    page = await context.new_page()
    answer = await page.goto(f"{site.url}/spend?period=4w")
    assert answer is not None
    assert answer.status == 401
    await page.get_by_role("link", name="Sign in with Example Login").click()
    assert page.url.startswith(openid.issuer)
    await page.get_by_placeholder("sub").fill(SUBJECT)
    await page.get_by_role("button", name="Authorize").click()
    assert page.url == f"{site.url}/spend?period=4w"
    (cookie,) = [each for each in await context.cookies(site.url) if each["name"].endswith("session")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    await page.get_by_role("button", name="Sign out").click()
    left = await page.goto(f"{site.url}/spend")
    assert left is not None
    assert left.status == 401
    await context.close()


async def test_every_page_without_data_says_what_is_missing_and_is_for_everybody(chromium: Browser, site: Site) -> None:
    async with opened(chromium, site, viewport=WIDE, color_scheme="light") as page:
        await signed_in(page, site)
        for address in ADDRESSES:
            await page.set_viewport_size(WIDE)
            await page.emulate_media(color_scheme="light")
            answer = await page.goto(f"{site.url}{address}")
            assert answer is not None
            assert answer.status == 200, address
            assert await page.locator("h1").count() == 1, address
            assert await violations(page) == [], address
            await page.set_viewport_size(NARROW)
            await page.emulate_media(color_scheme="dark")
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
            assert await violations(page) == [], address


async def test_the_first_figure_is_there_once_a_pull_request_and_its_tokens_are(
    chromium: Browser, site: Site, drain: Callable[[], Awaitable[None]]
) -> None:
    merged = datetime.now(UTC) - timedelta(days=8)
    there = {"forge": "github", "repository": "github.com/octo-org/web", "number": 7, "head_branch": "one"}
    times = {
        "opened_at": f"{merged - timedelta(days=1):%Y-%m-%dT%H:00:00Z}",
        "merged_at": f"{merged:%Y-%m-%dT%H:00:00Z}",
    }
    event = {
        "event_id": "first",
        "occurred_at": f"{merged - timedelta(hours=2):%Y-%m-%dT%H:30:00Z}",
        "source": "claude-code",
        "model": "claude-sonnet-4-5",
        "repository": there["repository"],
        "branch": "one",
        "tokens": {"input_uncached": 100_000},
    }
    async with opened(chromium, site, viewport=WIDE) as page:
        await signed_in(page, site)
        assert await page.locator("h1").inner_text() == "Nothing has arrived yet"
        async with httpx.AsyncClient(base_url=site.url, headers=site.organization.headers) as client:
            pull_requests = {"items": [{**there, "state": "merged", **times}]}
            (await client.post("/api/v1/pull-requests", json=pull_requests)).raise_for_status()
            (await client.post("/api/v1/token-events", json={"items": [event]})).raise_for_status()
        await drain()
        await page.reload()
        figures = (await page.locator(".strip").inner_text()).replace("\u202f", " ")
        assert "Tokens per merged pull request" in figures
        assert "100 k" in figures
        assert "$0.30" in figures
