"""Every page of a company with data, in a real Chromium: both themes, wide and narrow, for everybody.

A page that `components/navigation.py` calls there is checked here by itself.
"""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page

from service.dashboard.components.navigation import PAGES
from tests.e2e.conftest import Site
from tests.e2e.watching import opened, signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDE = {"width": 1440, "height": 1000}
NARROW = {"width": 360, "height": 740}
# The last two full weeks, which can be compared.
_MONDAY = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
COMPARED = f"period={_MONDAY - timedelta(days=14)}..{_MONDAY - timedelta(days=1)}"
# Of addresses that need a name.
EXAMPLES = {"/teams": "/teams/checkout"}
ENTRIES = [entry for group in PAGES.values() for entry in group if entry.is_there]
ADDRESSES = [
    *(EXAMPLES.get(each, each) for entry in ENTRIES for each in (entry.address, *entry.covers)),
    *(
        f"/?{COMPARED}",
        f"/spend?{COMPARED}",
        f"/compare/team?{COMPARED}",
        f"/compare/model?{COMPARED}&model=claude-sonnet-4-5",
    ),
]
# The first byte may take 80 ms and the drawn page a second; this machine may be busy.
MOST_DRAWN_MS = 3_000
MOST_BYTES = 150_000
OPEN = (
    """(selector) => document.querySelectorAll("details").forEach((each) => { each.open = each.matches(selector) })"""
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_each_page_is_for_everybody(browser: Browser, company_site: Site, address: str) -> None:
    for scheme in ("light", "dark"):
        async with opened(browser, company_site, viewport=WIDE, color_scheme=scheme) as page:
            await signed_in(page, company_site)
            answer = await page.goto(f"{company_site.url}{address}")
            assert answer is not None
            assert answer.status == 200
            assert await page.locator("h1").count() == 1
            assert await violations(page) == []
            await page.set_viewport_size(NARROW)
            await page.evaluate(OPEN, "details")
            assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
            # Open menus cover what is beneath them.
            await page.evaluate(OPEN, "details:not(.menu, .explain)")
            assert await violations(page) == []


async def test_pages_work_without_script(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=NARROW, java_script_enabled=False) as page:
        await signed_in(page, company_site)
        await page.get_by_role("link", name="Menu").click()
        await page.get_by_role("link", name="Set-up", exact=True).click()
        assert page.url == f"{company_site.url}/setup"
        await page.goto(company_site.url)
        await page.get_by_text("Total spend").click()
        assert await page.get_by_text("All tokens received in the period").is_visible()
        assert await page.locator(".strip").get_by_text("GET /api/v1/spend?").first.is_visible()


async def test_the_overview_answers_in_one_sentence_and_draws_the_running_week_apart(
    browser: Browser, company_site: Site
) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        assert "on pull requests that were merged" in await page.locator("h1").inner_text()
        assert await page.locator(".strip dd:not(.sub)").count() == 5
        assert "Ledger difference 0" in await page.locator(".trust").inner_text()
        assert await page.locator("circle.d-hollow").count() >= 1
        assert await page.locator("th:not([scope])").count() == 0


async def test_the_address_holds_the_view(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.locator("summary", has_text="Period:").click()
        await page.get_by_role("link", name="Last 4 weeks").click()
        assert page.url == f"{company_site.url}/?period=4w"
        await page.get_by_role("link", name="Tokens", exact=True).click()
        assert page.url == f"{company_site.url}/?period=4w&unit=tokens"
        assert "tokens per merged pull request" in await page.locator(".unit").first.inner_text()
        await page.locator("summary", has_text="Shown:").click()
        await page.get_by_role("link", name="checkout").click()
        assert page.url == f"{company_site.url}/?period=4w&team=checkout&unit=tokens"
        assert "of checkout" in await page.locator("h1").inner_text()
        await page.reload()
        assert "of checkout" in await page.locator("h1").inner_text()


async def test_arrow_keys_and_the_pointer_read_what_the_table_holds(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        chart = page.locator("figure.chart").first
        rows = await chart.locator("tbody tr").evaluate_all("all => all.map((each) => each.cells[1].textContent)")
        await chart.locator(".plotbox").focus()
        await page.keyboard.press("ArrowLeft")
        assert rows[1] in await page.locator(".tip.on").inner_text()
        await chart.locator(".plotbox").hover()
        assert await page.locator(".tip.on b").inner_text() != ""
        await page.keyboard.press("Escape")
        assert await page.locator(".tip.on").count() == 0


async def test_the_keyboard_shows_where_it_is(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        for _ in range(6):
            await page.keyboard.press("Tab")
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert await page.evaluate("document.activeElement.tagName") in {"A", "BUTTON", "PRE", "SUMMARY"}
            assert outline == "2px"


async def test_a_chosen_theme_stays(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE, color_scheme="light") as page:
        await signed_in(page, company_site)
        assert await ground(page) > 200
        await page.get_by_role("button", name="Dark").click()
        assert await ground(page) < 40
        await page.reload()
        assert await ground(page) < 40


async def ground(page: Page) -> float:
    """Return how light the page is, from 0 to 255."""
    script = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    colour: list[float] = await page.evaluate(script)
    return sum(colour[:3]) / 3


async def test_the_overview_is_light_and_quick(browser: Browser, company_site: Site) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        entries = await page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".map((each) => [each.name, each.encodedBodySize, each.responseEnd])"
        )
        assert sum(size for _, size, _ in entries) < MOST_BYTES, entries
        assert max(ends for *_, ends in entries) < MOST_DRAWN_MS


@pytest.mark.parametrize("address", ["/pull-requests", "/releases"])
async def test_a_list_leads_to_one_of_its_rows_and_back(browser: Browser, company_site: Site, address: str) -> None:
    async with opened(browser, company_site, viewport=WIDE) as page:
        await signed_in(page, company_site)
        await page.goto(f"{company_site.url}{address}?period=4w")
        await page.locator("tbody th a").first.click()
        assert page.url.startswith(f"{company_site.url}{address}/a1_")
        assert page.url.endswith("?period=4w")
        assert " cost " in await page.locator("h1").inner_text()
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            assert await violations(page) == []
        await page.set_viewport_size(NARROW)
        assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert await violations(page) == []
        await page.locator(".crumbs a").click()
        assert page.url == f"{company_site.url}{address}?period=4w"
