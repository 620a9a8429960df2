"""One key for each model, to match its names in telemetry, price lists and bills.

Telemetry says `claude-sonnet-4-5-20250929`, a bill `USE1-Claude4.5Sonnet-input-tokens` or `gpt 4o 1120 Inp Tokens`.
A key has no date, region or deployment type, and its version has one place and one spelling.
"""

import re
from collections.abc import Callable
from functools import lru_cache

MAXIMUM_LENGTH = 100

# One or two version numbers, but not the beginning of a date.
_VERSION = r"[0-9]{1,2}(?:[.-][0-9]{1,2})?(?![0-9])"
_CLAUDE = re.compile(
    rf"claude[ _-]?(?:(?P<before>{_VERSION})[ _-]?)?(?P<line>opus|sonnet|haiku|instant)(?:[ _-]?(?P<after>{_VERSION}))?"
)
_GPT = re.compile(
    r"gpt[ _-]?(?P<version>(?:[0-9](?:\.[0-9]{1,2})?|35)o?)(?![0-9])"
    r"(?P<line>(?:[ _-](?:mini|nano|pro|turbo|codex|max|audio|realtime|chat))*)(?![a-z])"
)
_O_SERIES = re.compile(r"(?<![a-z0-9.])(?P<version>o[1-9])(?P<line>(?:[ _-](?:mini|pro|preview))*)(?![a-z0-9])")
_GEMINI = re.compile(r"gemini[ _-]?(?P<version>[0-9](?:\.[0-9])?)[ _-](?P<line>(?:pro|flash)(?:[ _-]lite)?)(?![a-z])")
_NOVA = re.compile(r"nova[ _-]?(?P<version>[0-9](?:\.[0-9])?)?[ _-]?(?P<line>micro|lite|pro|premier)(?![a-z])")

_DATE = re.compile(r"[-@](?:20[0-9]{6}|20[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{4})$")
_NOT_ALLOWED = re.compile(r"[^a-z0-9._:+/-]+")


@lru_cache(maxsize=4096)
def find_model(text: str) -> str:
    """Return the key of the model in a line of a bill, empty if it has no known model."""
    words = text.lower()
    for pattern, key in _FAMILIES:
        if match := pattern.search(words):
            return key(match)
    return ""


@lru_cache(maxsize=4096)
def model_key(name: str) -> str:
    """Return the key of a model name; for an unknown family, the name without its date."""
    if known := find_model(name):
        return known
    return _NOT_ALLOWED.sub("-", _DATE.sub("", name.strip().lower()))[:MAXIMUM_LENGTH].strip("-")


def _claude(match: re.Match[str]) -> str:
    version = (match["before"] or match["after"] or "").replace(".", "-")
    return _joined("claude", match["line"], version)


def _gpt(match: re.Match[str]) -> str:
    version = "3.5" if match["version"] == "35" else match["version"]
    return _joined("gpt", version, _line(match))


def _o_series(match: re.Match[str]) -> str:
    return _joined(match["version"], _line(match))


def _gemini(match: re.Match[str]) -> str:
    return _joined("gemini", match["version"], _line(match))


def _nova(match: re.Match[str]) -> str:
    return _joined("nova", (match["version"] or "").removesuffix(".0"), _line(match))


def _line(match: re.Match[str]) -> str:
    return re.sub(r"[ _]", "-", match["line"]).strip("-")


def _joined(*parts: str) -> str:
    return "-".join(part for part in parts if part)


_FAMILIES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_CLAUDE, _claude),
    (_GPT, _gpt),
    (_GEMINI, _gemini),
    (_NOVA, _nova),
    (_O_SERIES, _o_series),
)
