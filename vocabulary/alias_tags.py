"""Alias tags: tags that move, such as `v1`, `latest` and `nightly`. They name releases and ship nothing. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

# `v1` and `v1.2` may move; `v1.2.3` does not.
MOST_NUMBERS = 2

_WORDS = re.compile(r"[a-z]+")
_MOVING = {
    *("latest", "nightly", "stable", "edge", "canary", "next", "current", "head", "tip", "dev", "develop", "main"),
    *("development", "master", "trunk", "production", "prod", "staging", "lts", "unstable", "preview"),
    *("insiders", "live", "rolling", "continuous", "snapshot", "weekly", "daily", "deployed"),
}

Key = TypeVar("Key")


class Tagged(NamedTuple, Generic[Key]):
    """A tag with a version: its key, its version numbers, its commit, and when it was last set."""

    key: Key
    numbers: tuple[int, ...]
    commit: str | bytes | None
    at: datetime


def is_moving_name(name: str) -> bool:
    """Return whether a tag without a version is named for a channel: `latest`, `pkg-nightly`, `edge/app`."""
    words = _WORDS.findall(name.lower())
    return bool(words) and (words[0] in _MOVING or words[-1] in _MOVING)


def find_aliases(family: Iterable[Tagged[Key]]) -> set[Key]:
    """Return the short versions of one family that stand for a longer one. Leave out prereleases.

    `v1` is an alias beside `v1.0.0`, beside an earlier `v1.1.0`, and on the commit of any `v1.x`. Otherwise it is a
    release of its own, as `v1.2` before `v1.2.1`.
    """
    tags = list(family)
    short = {tag.numbers for tag in tags if len(tag.numbers) <= MOST_NUMBERS}
    longer = _by_prefix(tags, short)
    return {tag.key for tag in tags if any(_stands_for(tag, each) for each in longer.get(tag.numbers, ()))}


def _by_prefix(tags: list[Tagged[Key]], short: set[tuple[int, ...]]) -> Mapping[tuple[int, ...], list[Tagged[Key]]]:
    found = defaultdict[tuple[int, ...], list[Tagged[Key]]](list)
    for tag in tags:
        for length in range(1, min(len(tag.numbers), MOST_NUMBERS + 1)):
            if tag.numbers[:length] in short:
                found[tag.numbers[:length]].append(tag)
    return found


def _stands_for(short: Tagged[Key], longer: Tagged[Key]) -> bool:
    return (
        not any(longer.numbers[len(short.numbers) :])
        or (short.commit is not None and short.commit == longer.commit)
        or longer.at < short.at
    )
