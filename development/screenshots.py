"""Photographs the demo's dashboard for the README: `make screenshots` (needs Chromium).

The demo runs on a scratch folder, so that the pictures show what a newcomer sees, and nothing of this machine.
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
# The sandbox needs rights that containers lack; only our own page is opened.
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
WIDTH, HEIGHT = 1200, 900
# What a README can show without weighing on its readers.
MOST_BYTES = 300_000
COMMAND = (sys.executable, "-m", "service.cli.main")


def main() -> int:
    """Write the pictures; returns 1, with one line on stderr, where there is no browser or a picture is too large."""
    if (chromium := next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)) is None:
        return _refuse(f"no Chromium on the path (looked for {', '.join(CHROMIUM_NAMES)})")
    with tempfile.TemporaryDirectory(prefix="shipledger-demo-") as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        subprocess.run([*COMMAND, "demo", "--once", "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        picture = photograph(data, browser, PICTURES / "dashboard.png")
        browser.close()
    if (size := picture.stat().st_size) >= MOST_BYTES:
        return _refuse(f"{picture.name} has {size:,} bytes; the most is {MOST_BYTES:,}")
    sys.stdout.write(f"{picture.relative_to(PICTURES.parents[1])}: {size:,} bytes\n")
    return 0


def photograph(data: Path, browser: Browser, picture: Path) -> Path:
    """Start the stack on the demo's folder, sign in by its link and take the first screen."""
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


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
