"""What SkuPriceDetails says of a token charge: providers may tell input, output and cache only there.

FOCUS defines no keys for models, so every provider names its own: `{"x_CacheStatus": "CacheRead"}`,
`{"x_TokenType": "cached_input"}`, `{"x_IsCached": true, "x_Direction": "Input"}`. Words decide here too.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from vocabulary.model_keys import find_model

_WORD = re.compile(r"[a-z]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words that some write as one, such as `cacheread` and `outputtokens`.
_JOINED = re.compile(r"(?<=cache)(?=read|writ|creat|hit|miss)|(?<=put|mpt)(?=token)")
_CACHE = {"cache", "cached", "caching", "cchd"}
_READ = {"read", "reads", "hit", "hits", "cached"}
_WRITE = {"write", "writes", "written", "creation", "created", "store"}
_NO_CACHE = {"uncached", "noncached", "miss", "missed", "none", "no", "not", "non", "false", "fresh", "disabled", "na"}
_OUTPUT = {"output", "completion", "completions", "response", "generated", "reasoning", "thinking", "outbound"}
_INPUT = {"input", "prompt", "inbound"}
_TIERS = {"batch", "flex", "priority", "fast"}
_TIER_KEYS = {"tier", "mode", "processing", "service", "type", "speed", "inference"}
_LIFETIME_KEYS = {"ttl", "lifetime", "duration", "retention"}
_AN_HOUR = re.compile(r"(?<![0-9])(?:(?:1|one)[ _-]?h(?:r|our)?|60[ _-]?m(?:in(?:ute)?s?)?|3600[ _-]?s?)(?![a-z0-9])")
# Keys whose values are about something else than the tokens of a charge.
_OTHER_KEYS = {"region", "location", "instance", "storage", "disk", "modality"}


class PriceDetails(NamedTuple):
    """What is reported; empty where nothing is.

    `cache` is "read", "write" or "none", `direction` "input" or "output". `lives_an_hour` is true if the cache keeps
    what is written for an hour.
    """

    cache: str = ""
    direction: str = ""
    model: str = ""
    service_tier: str = ""
    lives_an_hour: bool = False


@lru_cache(maxsize=4096)
def price_details(text: str) -> PriceDetails:
    """Return what the details say; nothing if they are not an object."""
    details = _decoded(text) or _decoded(text.replace("'", '"'))
    cache = direction = model = tier = ""
    lives_an_hour = False
    for key, value in _leaves(details):
        keys, words = _words(key), _words(value)
        if keys & _OTHER_KEYS:
            continue
        cache = cache or _cache(keys, words)
        direction = direction or _direction(keys, words)
        model = model or find_model(value)
        tier = tier or next(iter(sorted(words & _TIERS)), "") if keys & _TIER_KEYS else tier
        lives_an_hour = lives_an_hour or _lives_an_hour(keys, words, value.lower())
    return PriceDetails(cache, direction, model, tier, lives_an_hour)


def _lives_an_hour(keys: set[str], words: set[str], value: str) -> bool:
    about_lifetime = keys & _LIFETIME_KEYS or (keys | words) & _CACHE
    return bool(about_lifetime and _AN_HOUR.search(value))


def _decoded(text: str) -> dict[str, Any]:
    """Return the object in a text; query engines may write its quotes as apostrophes."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any]) if text.startswith("{") else {}
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _leaves(details: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    for key, value in details.items():
        if isinstance(value, dict):
            yield from ((f"{key} {inner}", text) for inner, text in _leaves(value))
        elif isinstance(value, str | bool):
            yield str(key), str(value)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_JOINED.sub(" ", _CAMEL.sub(" ", text).lower())))


def _cache(keys: set[str], words: set[str]) -> str:
    """Return what a property says of the cache: by its value, or by its name if the value only affirms or denies it."""
    about_cache = keys & _CACHE
    if "true" in words or "yes" in words:
        return ("write" if keys & _WRITE else "read") if about_cache else ""
    if words & _NO_CACHE and (about_cache or words & (_CACHE | {"uncached", "noncached"})):
        # A false flag says nothing of the others: neither read nor written in `{"x_IsCacheRead": false}`.
        return "" if words & {"false", "no"} and keys & (_READ | _WRITE) else "none"
    if not about_cache and not words & _CACHE:
        return ""
    if words & _WRITE:
        return "write"
    return "read" if words & _READ or words & _CACHE else ""


def _direction(keys: set[str], words: set[str]) -> str:
    affirmed = keys if words & {"true", "yes"} else words
    if affirmed & _OUTPUT:
        return "output"
    return "input" if affirmed & _INPUT else ""
