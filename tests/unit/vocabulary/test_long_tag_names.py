"""Reading a tag takes steps in proportion to its length, whatever it is made of."""

import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from vocabulary import tag_names
from vocabulary.tag_names import read_tag

SHORT, LONG = 200, 400
PIECES = ("1_", "1.", "1-", "a1", "v-", "release/", "1.1@", "1.1/x", "v1.2-", "20261122-", "2026-11-", "g1a-", ".", "_")


class Counting:
    """A pattern that adds up how many characters its searches looked at."""

    def __init__(self, pattern: re.Pattern[str], steps: list[int]) -> None:
        self._pattern, self._steps = pattern, steps

    def _looked(self, found: re.Match[str] | None, begin: int, end: int) -> re.Match[str] | None:
        self._steps[0] += (found.end() if found else end) - begin + 1
        return found

    def search(self, text: str, begin: int = 0) -> re.Match[str] | None:
        return self._looked(self._pattern.search(text, begin), begin, len(text))

    def match(self, text: str, begin: int = 0) -> re.Match[str] | None:
        # A pattern that does not match here has at most a few characters to look at.
        return self._looked(self._pattern.match(text, begin), begin, begin)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._looked(self._pattern.fullmatch(text), 0, len(text))

    def finditer(self, text: str, begin: int = 0) -> Iterator[re.Match[str]]:
        self._steps[0] += len(text) - begin
        return self._pattern.finditer(text, begin)

    def findall(self, text: str) -> list[Any]:
        self._steps[0] += len(text)
        return self._pattern.findall(text)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Characters that patterns looked at, and lines that were run."""
    counted = [0]
    for name, value in vars(tag_names).items():
        if isinstance(value, re.Pattern):
            monkeypatch.setattr(tag_names, name, Counting(value, counted))
    return counted


def steps_of(tag: str, steps: list[int]) -> int:
    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename == tag_names.__file__:
            steps[0] += event == "line"
            return trace
        return None

    steps[0] = 0
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read_tag(tag)
    finally:
        sys.settrace(before)
    return steps[0]


@pytest.mark.parametrize("end", ["", "1.2.3", "!", "-20261122"])
@pytest.mark.parametrize("piece", PIECES)
def test_twice_as_long_a_tag_takes_at_most_twice_as_many_steps(piece: str, end: str, steps: list[int]) -> None:
    short, long = (steps_of(piece * number + end, steps) for number in (SHORT, LONG))
    assert long <= 2.2 * short
    assert long <= 40 * LONG * len(piece)
