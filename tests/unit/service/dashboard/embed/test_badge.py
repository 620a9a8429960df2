"""A badge shows a figure as sure as it is."""

from xml.etree import ElementTree as ET

import pytest

from service.dashboard.components.figures import Figure
from service.dashboard.embed.badge import KNOWN, UNKNOWN, UNSURE, build_badge
from service.dashboard.numbers.sureness import Shown, Sureness

SVG = "{http://www.w3.org/2000/svg}"


def badge(shown: Shown, label: str = "cost") -> ET.Element:
    return ET.fromstring(build_badge(Figure("Cost", shown, "", "", ""), label, "the last 4 weeks"))


def texts(picture: ET.Element) -> list[str | None]:
    return [each.text for each in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("sureness", "value", "fill"),
    [
        (Sureness.SURE, "$3.10", KNOWN),
        (Sureness.UNSURE, "$3.10 (estimate)", UNSURE),
        (Sureness.UNFINISHED, "$3.10 (so far)", UNSURE),
        (Sureness.STALE, "$3.10 (old data)", UNSURE),
        (Sureness.WITHHELD, "withheld", UNKNOWN),
        (Sureness.NOTHING, "no data", UNKNOWN),
    ],
)
def test_a_badge_says_whether_its_figure_is_sure(sureness: Sureness, value: str, fill: str) -> None:
    picture = badge(Shown("$3.10", sureness))
    assert texts(picture) == ["cost", value]
    assert [each.get("fill") for each in picture.iter(f"{SVG}path")] == [fill]
    assert picture.get("aria-label") == f"cost, the last 4 weeks: {value}"


def test_a_badge_is_as_wide_as_its_texts_and_escapes_them() -> None:
    short, long = badge(Shown("1")), badge(Shown("<script>"), "a & b")
    assert int(short.get("width") or 0) < int(long.get("width") or 0)
    assert texts(long) == ["a & b", "<script>"]
