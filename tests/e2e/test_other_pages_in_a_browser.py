"""What stands outside the navigation: sign-in, errors, one alert, embedded views and the API, in both themes."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.watching import opened, signed_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDE = {"width": 1440, "height": 1000}
NARROW = {"width": 360, "height": 740}
Address = Callable[[Site], Awaitable[str]]


async def shared(site: Site, view: str = "/", **limits: str) -> str:
    """Return the token of a shared link."""
    async with httpx.AsyncClient(base_url=site.url, headers=site.organization.headers) as client:
        made = (await client.post("/api/v1/shared-links", json={"view": view, **limits})).raise_for_status().json()
    return str(made["url"].rpartition("/")[2])


async def of_alert(site: Site) -> str:
    """Return the page of an alert; a company of a few weeks has none yet, so one is stored that somebody took."""
    async with site.database.organization(site.organization.organization_id) as tenant:
        number = await tenant.fetchval(
            "INSERT INTO alert AS known (organization_id, kind, subject, team_id, began_on, found_on, usual_nano_usd, "
            "spent_nano_usd, sentence, state) VALUES ($1, 'rise', 'all teams', 0, current_date - 9, current_date - 2, "
            "1, 2, 'Spend rose', 'acknowledged') ON CONFLICT (organization_id, kind, subject, team_id, began_on) "
            "DO UPDATE SET seen_on = current_date RETURNING alert_id"
        )
    return f"/alerts/{number}"


async def embedded(site: Site) -> str:
    return f"/embed/{await shared(site)}"


async def used_link(site: Site) -> str:
    """Return a link to sign in that was used already."""
    link = await site.sign_in_link()
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).status_code == 303
    return link.removeprefix(site.url)


def at(path: str) -> Address:
    async def address(_: Site) -> str:
        return path

    return address


# Whether one must be signed in, and the status.
PAGES: dict[str, tuple[Address, bool, int]] = {
    "sign-in": (at("/sign-in"), False, 200),
    "not signed in": (at("/spend"), False, 401),
    "used link": (used_link, False, 410),
    "unknown address": (at("/nowhere"), True, 404),
    "unknown pull request": (at(f"/pull-requests/a1_{'0' * 64}"), True, 404),
    "unknown parameter": (at("/spend?colour=red"), True, 400),
    "one alert": (of_alert, True, 200),
    "embedded": (embedded, False, 200),
    "reference": (at("/schema/docs"), False, 200),
}


async def looked_at(page: Page) -> None:
    assert await page.locator("h1").count() == 1
    assert await violations(page) == []
    await page.set_viewport_size(NARROW)
    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert await violations(page) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_of_them_is_for_everybody(browser: Browser, company_site: Site, name: str, scheme: str) -> None:
    address, is_signed_in, status = PAGES[name]
    path = await address(company_site)
    async with opened(browser, company_site, expected=status, viewport=WIDE, color_scheme=scheme) as page:
        if is_signed_in:
            await signed_in(page, company_site)
        answer = await page.goto(f"{company_site.url}{path}", wait_until="networkidle")
        assert answer is not None
        assert answer.status == status
        if name == "reference":
            # It draws itself from the description.
            await expect(page.locator("h3.opblock-tag").first).to_be_visible(timeout=30_000)
        await looked_at(page)


async def test_who_may_see_one_view_only_is_led_back_to_it(browser: Browser, company_site: Site) -> None:
    token = await shared(company_site, "/spend")
    async with opened(browser, company_site, expected=403, viewport=WIDE) as page:
        await page.goto(f"{company_site.url}/shared/{token}")
        await page.goto(f"{company_site.url}/releases")
        await looked_at(page)
        await page.get_by_role("link", name="Back to the shared view").click()
        assert page.url == f"{company_site.url}/spend"
