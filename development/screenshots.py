"""`make screenshots`: take the README's screenshot of the demo's dashboard. Needs Chromium.

The demo runs in a temporary folder, so that the screenshot shows what a new user sees.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# The sandbox needs privileges that containers lack; only our own page is opened.
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
WIDTH, HEIGHT = 1200, 900
# Larger pictures would make the README slow to load.
MOST_BYTES = 300_000
COMMAND = (sys.executable, "-m", "service.cli.main")


def main() -> int:
    """Write the screenshot; return 1, with one line on stderr, if no browser is found or the file is too large."""
    if (chromium := next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)) is None:
        return _fail(f"Chromium was not found on the path (looked for {', '.join(CHROMIUM_NAMES)})")
    with tempfile.TemporaryDirectory(prefix="shipledger-demo-") as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        subprocess.run([*COMMAND, "demo", "--once", "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        picture = photograph(data, browser, PICTURES / "dashboard.png")
        browser.close()
    if (size := picture.stat().st_size) >= MOST_BYTES:
        return _fail(f"{picture.name} has {size:,} bytes; the limit is {MOST_BYTES:,}")
    sys.stdout.write(f"{picture.relative_to(PICTURES.parents[1])}: {size:,} bytes\n")
    return 0


def photograph(data: Path, browser: Browser, picture: Path) -> Path:
    """Start the stack on the demo's folder, sign in with its link and take a screenshot of the first screen."""
    up = [*COMMAND, "up", "--json", "--data", str(data), "--port", "0"]
    quiet = {**os.environ, "SHIPLEDGER_LOG_LEVEL": "warning"}
    with subprocess.Popen(up, stdout=subprocess.PIPE, text=True, env=quiet) as stack:
        try:
            assert stack.stdout is not None
            ready = json.loads(stack.stdout.readline())
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(ready["dashboard"])
            picture.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=picture, animations="disabled")
        finally:
            stack.terminate()
    return picture


def _fail(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
