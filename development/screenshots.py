"""`make screenshots`: photograph every page of the demo's dashboard, in both themes. Needs Chromium.

The demo runs in a temporary folder, so that the pictures show what a new user sees. The README has the overview.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from service.dashboard.components.navigation import PAGES

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "dashboard.png"
ALBUM = ROOT / "build" / "screenshots"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# The sandbox needs privileges that containers lack; only our own pages are opened.
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
WIDTH, HEIGHT = 1200, 900
NARROW = 360
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
# Larger pictures would make the README slow to load.
MOST_BYTES = 300_000
# The demo has eight weeks, the first and the last of them cut. Three can be compared with the three before.
WEEKS = timedelta(weeks=3)
COMMAND = (sys.executable, "-m", "service.cli.main")


def main() -> int:
    """Take the pictures; return 1, with one line on stderr, if no browser is found or the README's is too large."""
    if (chromium := next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)) is None:
        return _fail(f"Chromium was not found on the path (looked for {', '.join(CHROMIUM_NAMES)})")
    with tempfile.TemporaryDirectory(prefix="shipledger-demo-") as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        subprocess.run([*COMMAND, "demo", "--once", "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        with running(data) as ready:
            photograph(ready, browser)
        browser.close()
    if (size := PICTURE.stat().st_size) >= MOST_BYTES:
        return _fail(f"{PICTURE.name} has {size:,} bytes; the limit is {MOST_BYTES:,}")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes; every page is in {ALBUM.relative_to(ROOT)}\n")
    return 0


@contextmanager
def running(data: Path) -> Iterator[dict[str, str]]:
    """Run the stack on the demo's folder; yield its addresses."""
    up = [*COMMAND, "up", "--json", "--data", str(data), "--port", "0"]
    quiet = {**os.environ, "SHIPLEDGER_LOG_LEVEL": "warning"}
    with subprocess.Popen(up, stdout=subprocess.PIPE, text=True, env=quiet) as stack:
        try:
            assert stack.stdout is not None
            yield json.loads(stack.stdout.readline())
        finally:
            stack.terminate()


def photograph(ready: dict[str, str], browser: Browser) -> None:
    """Sign in with the link, and take the README's picture, and one of each page in each theme and width."""
    ALBUM.mkdir(parents=True, exist_ok=True)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.goto(ready["dashboard"])
    last = date.today() - timedelta(days=date.today().weekday() + 1)  # noqa: DTZ011 - near enough to UTC
    page.goto(f"{ready['url']}/?period={last - WEEKS + timedelta(days=1)}..{last}")
    page.screenshot(path=PICTURE, animations="disabled")
    addresses = [entry.address for group in PAGES.values() for entry in group if entry.is_there]
    for address in addresses:
        name = address.strip("/").replace("/", "-") or "overview"
        for scheme in THEMES:
            page.emulate_media(color_scheme=scheme)
            for width in (WIDTH, NARROW):
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.goto(f"{ready['url']}{address}")
                page.screenshot(path=ALBUM / f"{name}-{width}-{scheme}.png", animations="disabled", full_page=True)


def _fail(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
