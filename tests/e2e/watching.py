"""A page that is watched: it may ask no other host, break no policy, and say nothing on the console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.e2e.conftest import Site

AXE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text()
# Rules of WCAG 2.2 AA, and what axe calls good practice.
RUN_AXE = """
async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
})).violations.map((each) => [each.id, each.help, ...each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))])
"""
REPORT = 'addEventListener("securitypolicyviolation", (event) => console.error("policy", event.violatedDirective))'


@asynccontextmanager
async def opened(browser: Browser, site: Site, *, expected: int = 200, **options: Any) -> AsyncIterator[Page]:
    """Open a watched page in a context of its own; of its console, only the `expected` status may be there."""
    context = await browser.new_context(**options)
    await context.add_init_script(REPORT)
    page = await context.new_page()
    elsewhere: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not request.url.startswith(site.url) else None)
    page.on("console", lambda entry: said.append(entry.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    await context.close()
    assert elsewhere == []
    assert [each for each in said if f"status of {expected} " not in each] == [], said[:6]


async def signed_in(page: Page, site: Site) -> None:
    """Sign in with a link of the site."""
    await page.goto(await site.sign_in_link())
    assert page.url == f"{site.url}/"


async def violations(page: Page) -> list[Any]:
    """Return what axe finds on a page."""
    await page.evaluate(AXE)
    found: list[Any] = await page.evaluate(RUN_AXE)
    return found
