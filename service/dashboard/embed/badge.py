"""A badge as SVG: what a figure is called, and its value. Pure."""

from collections.abc import Mapping
from html import escape

from service.dashboard.components.figures import Figure
from service.dashboard.numbers.sureness import Sureness

# What a badge may show: a figure of the overview, and what the badge calls it.
FIGURES: Mapping[str, tuple[str, str]] = {
    "cost": ("Dollars per merged pull request", "cost per merged pull request"),
    "tokens": ("Tokens per merged pull request", "tokens per merged pull request"),
    "spend": ("Total spend", "spent on AI tokens"),
    "merged": ("Pull requests merged", "pull requests merged"),
    "shipped": ("Shipped share of spend", "shipped share of spend"),
}
HEIGHT = 20
PADDING = 8
# Digits and letters of the font at 11 px are about so wide; a text is set to the width that it was given.
LETTER = 6.4
KNOWN, UNSURE, UNKNOWN = "#1f6f5c", "#8a5a00", "#5f6368"
DOUBTS = {Sureness.UNSURE: "estimate", Sureness.UNFINISHED: "so far", Sureness.STALE: "old data"}
LABEL_FILL = "#333a41"


def build_badge(figure: Figure, label: str, period: str) -> str:
    """Return the SVG of a figure; what is not sure or withheld says so and has a colour of its own."""
    shown = figure.shown
    value, fill = shown.text, KNOWN
    if not shown.is_known:
        value, fill = "withheld" if shown.sureness is Sureness.WITHHELD else "no data", UNKNOWN
    elif doubt := DOUBTS.get(shown.sureness):
        value, fill = f"{shown.text} ({doubt})", UNSURE
    return _svg(label, value, fill, f"{label}, {period}: {value}")


def _svg(label: str, value: str, fill: str, title: str) -> str:
    left, right = _width(label), _width(value)
    texts = "".join(
        f'<text x="{begins + PADDING}" y="14" textLength="{width - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(text)}</text>"
        for text, begins, width in ((label, 0, left), (value, left, right))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="{LABEL_FILL}"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3}z" fill="{fill}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>'
    )


def _width(text: str) -> int:
    return round(len(text) * LETTER) + 2 * PADDING
