"""What pages load is ours, light, and licensed."""

import gzip

from service.dashboard.shell.answers import HEADERS
from service.dashboard.shell.assets import STATIC, assets

# Of a page; the prototype has 70 KB.
MOST_BYTES = 100_000


def test_style_scripts_and_font_are_light() -> None:
    found = assets()
    loaded = ["page.css", "page.js", "theme.js", "icon.svg"]
    size = sum(len(gzip.compress(found[name].content)) for name in loaded) + len(found["inter.woff2"].content)
    assert size < MOST_BYTES


def test_the_font_comes_with_its_licence() -> None:
    assert "SIL Open Font License" in (STATIC / "inter.LICENSE.txt").read_text()


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
