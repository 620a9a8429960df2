"""From nothing to the first pages: sign in, connect GitHub, look at repairs, in a real Chromium."""

from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser

from tests.e2e.conftest import Site
from tests.e2e.watching import opened, signed_in
from tests.harness.forges.clock import QuickClock
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository
from tests.harness.forges.repairs import Repairs
from workers.context import WorkerContext
from workers.forges.clients import Clients
from workers.jobs.set_up_github_apps import set_up_github_apps

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}


async def test_the_page_without_data_says_how_to_begin(chromium: Browser, site: Site) -> None:
    async with opened(chromium, site) as page:
        await signed_in(page, site)
        text = await page.locator("main").inner_text()
        assert "shipledger import git PATH" in text
        assert "shipledger import claude-code" in text
        assert f"OTEL_EXPORTER_OTLP_ENDPOINT={site.url}" in text
        assert f"{site.url}/webhooks/github/" in text


async def test_a_link_signs_in_once_and_a_second_use_is_refused(chromium: Browser, site: Site) -> None:
    link = await site.sign_in_link()
    async with opened(chromium, site) as page:
        await page.goto(link)
        assert page.url == f"{site.url}/"
        assert await page.locator("h1").inner_text() == "Nothing has arrived yet"
        await page.reload()
        assert await page.locator("h1").inner_text() == "Nothing has arrived yet"
    context = await chromium.new_context()
    second = await context.new_page()
    answer = await second.goto(link)
    assert answer is not None
    assert answer.status == 410
    assert "no longer works" in await second.locator("h1").inner_text()
    assert "shipledger dashboard-link" in await second.locator("main").inner_text()
    await context.close()


async def test_signing_out_closes_the_page(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    await signed_in(page, site)
    await page.get_by_role("button", name="Sign out").click()
    assert "Sign in" in await page.locator("h1").inner_text()
    answer = await page.goto(site.url)
    assert answer is not None
    assert answer.status == 401
    await context.close()


async def test_a_github_app_is_registered_by_two_clicks(
    chromium: Browser, site: Site, github_server: tuple[FakeGithub, str], worker_context: WorkerContext
) -> None:
    fake, forge = github_server
    context = replace(worker_context, forges=Clients(allow_private=True))
    browser = await chromium.new_context()
    page = await browser.new_page()
    said: list[str] = []
    page.on("console", lambda entry: said.append(entry.text) if page.url.startswith(site.url) else None)
    await signed_in(page, site)
    await page.get_by_role("link", name="GitHub", exact=True).click()
    await page.get_by_label("Enterprise Server").fill(forge)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Send it to 127.0.0.1").click()
    assert page.url.startswith(forge)
    await page.get_by_role("button", name="Create GitHub App").click()
    assert await page.locator("h1").inner_text() == "One moment"
    await set_up_github_apps(context, site.organization.organization_id)
    await page.get_by_text("The App is registered").wait_for()
    link = await page.get_by_role("link", name="Install it on 127.0.0.1").get_attribute("href")
    assert link is not None
    assert link.startswith(f"{forge}/github-apps/")
    [app] = fake.apps.registered.values()
    installation = fake.apps.install(app, [])
    state = link.rpartition("state=")[2]
    await page.goto(f"{app.manifest['setup_url']}?installation_id={installation.number}&state={state}")
    await set_up_github_apps(context, site.organization.organization_id)
    await page.goto(f"{site.url}/github")
    assert "no webhook delivered yet" in await page.locator("main").inner_text()
    await browser.close()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_missed_deliveries_are_shown_with_recovered_and_lost_ones(
    chromium: Browser, site: Site, worker_context: WorkerContext, scheme: str
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=2)
    fake = FakeGithub(QuickClock())
    fake.repositories = {shop.path: shop}
    context = replace(worker_context, forges=Clients(allow_private=True))
    with fake.serve() as forge:
        async with httpx.AsyncClient(base_url=site.url) as client:
            repairs = Repairs(client, site.organization, site.database, context, fake, forge)
            await repairs.connect(token=None)
            _, hook = await repairs.connect()
            await repairs.send(hook, shop.deliveries()[:3], lost=1)
            await repairs.work("deliveries")
            await repairs.work("deliveries")
    async with opened(chromium, site, color_scheme=scheme, viewport=NARROW) as page:
        await signed_in(page, site)
        await page.goto(f"{site.url}/repairs")
        assert await page.locator("h1").inner_text() == "What webhooks missed"
        row = page.locator("tbody tr", has=page.get_by_role("rowheader", name="Failed deliveries"))
        assert await row.locator("td.n").all_inner_texts() == ["3", "3", "3", "0"]
        limits = page.locator("section[aria-labelledby=limits]")
        assert "1 of 2 connections without an access token" in await limits.inner_text()
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
