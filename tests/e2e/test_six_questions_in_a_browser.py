"""Someone new answers six questions by the pages alone, in at most two clicks, as docs/dashboard.md says."""

import re

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.conftest import Site
from tests.e2e.test_pages_in_a_browser import COMPARED, WIDE
from tests.e2e.watching import opened, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MONEY = re.compile(r"\$[\d.,]+")


async def answer(page: Page) -> str:
    return await page.locator("h1").inner_text()


async def card(page: Page, heading: str) -> str:
    return await page.locator("section.card", has=page.get_by_role("heading", name=heading)).inner_text()


async def test_spend_of_this_month_and_its_change(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.locator("summary", has_text="Period:").click()
        await page.get_by_role("link", name="This month, so far").click()
        assert re.search(r"period=\d{4}-\d\d-\d\d\.\.", page.url)
        figures = await page.locator(".strip").inner_text()
        assert "Total spend" in figures
        assert MONEY.search(figures)


async def test_why_spend_changed(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.goto(f"{company_site.url}/?{COMPARED}")
        assert "requests" in (await card(page, "Why spend changed")).lower()
        await page.get_by_role("link", name="Step by step").click()
        assert page.url.startswith(f"{company_site.url}/spend?")


async def test_the_dearest_pull_request(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.locator("section[aria-labelledby=dearest] tbody a").first.click()
        assert "/pull-requests/a1_" in page.url
        assert " cost " in await answer(page)


async def test_the_cost_of_a_release(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.get_by_role("link", name="Releases", exact=True).click()
        await page.locator("tbody th a").first.click()
        assert "/releases/a1_" in page.url
        assert re.search(r" cost |ships no pull request|ships nothing", await answer(page))


async def test_a_team_above_its_usual(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        needs = await card(page, "Needs a look")
        assert needs
        await page.get_by_role("link", name="Alerts").click()
        assert re.search(r"alerts? needs? a look|no alert is open|Nothing is watched yet", await answer(page))


async def test_how_sure_it_is(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.get_by_role("link", name="How far to trust this").click()
        assert page.url.startswith(f"{company_site.url}/quality")
        assert "Good enough" in await answer(page)
