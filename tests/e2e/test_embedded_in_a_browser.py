"""A shared view and its badge on a page of another site, in a real Chromium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser
DECODED = "async (image) => { await image.decode(); return image.naturalWidth }"


@asynccontextmanager
async def another_site(html: str) -> AsyncIterator[str]:
    """Serve one page at another origin."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {len(html)}\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"{head}{html}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_another_site_shows_the_view_in_a_frame_and_the_badge_as_a_picture(chromium: Browser, site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers=site.organization.headers) as client:
        made = (await client.post("/api/v1/shared-links", json={"view": "/?period=4w"})).raise_for_status().json()
    token = made["url"].rpartition("/")[2]
    html = f'<link rel="icon" href="data:,"><iframe src="{site.url}/embed/{token}"></iframe>'
    html += f'<img alt="" src="{site.url}/badge/{token}.svg">'
    context = await chromium.new_context()
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda entry: said.append(entry.text))
    async with another_site(html) as elsewhere:
        await page.goto(elsewhere)
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_role("heading", level=1)).to_be_visible()
        await expect(frame.get_by_text("Total spend")).to_be_visible()
        assert await page.locator("img").evaluate(DECODED) > 50
    assert said == []
    assert await context.cookies() == []
    await context.close()
