"""The page of the API in a real Chromium: offline, under its policy, and with a request that works."""

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.watching import opened

pytestmark = pytest.mark.browser


async def test_the_api_can_be_browsed_and_tried_in_both_themes(chromium: Browser, site: Site) -> None:
    for scheme in ("light", "dark"):
        async with opened(chromium, site, color_scheme=scheme) as page:
            await page.goto(f"{site.url}/schema/docs#/figures/listAttributions")
            operation = page.locator("#operations-figures-listAttributions")
            # Every operation of the API is drawn first, which takes seconds on a busy machine.
            await expect(operation.get_by_text("Artifact id of a pull request")).to_be_visible(timeout=60_000)
            await page.get_by_role("button", name="Authorize").first.click()
            await page.get_by_label("auth-bearer-value").fill(site.organization.key)
            await page.get_by_role("button", name="Apply credentials").click()
            await page.get_by_role("button", name="Close").click()
            await operation.get_by_role("button", name="Execute").click()
            await expect(operation.locator(".live-responses-table td", has_text="200").first).to_be_visible()
