"""Which tag a release is compared with: the last of its family that lies in its history. Pure.

What lies in its history only the forge knows; here is told in which order to ask.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from schema.tag_names import TagName, Version, read_tag


class Tagged(NamedTuple):
    """A tag, the commit that it names, and when that was made, as far as told."""

    name: str
    commit: str
    at: datetime | None


def candidates(tag: Tagged, tags: Iterable[Tagged]) -> list[Tagged]:
    """Tags that may come before it, the likeliest first: the highest version below its own.

    Versions above its own may do so too, as where a line of releases is given up. Tags on its own commit do not: the
    release that came first of them ships everything. Tags without a version are one family, the newest is likeliest.
    """
    own = read_tag(tag.name)
    family = [
        (read_tag(each.name), each)
        for each in tags
        if each.commit != tag.commit and _is_family(own, read_tag(each.name))
    ]
    if own.version is None:
        return [each for _, each in sorted(family, key=lambda found: _unnamed(tag, found[1]))]
    below = [found for found in family if _version(found[0]) <= own.version]
    above = [found for found in family if _version(found[0]) > own.version]
    below.sort(key=lambda found: _version(found[0]), reverse=True)
    above.sort(key=lambda found: _version(found[0]))
    # Commits are seldom made before those that they build on: it saves requests to ask for those made later last.
    ordered = [each for _, each in (*below, *above)]
    return sorted(ordered, key=lambda each: _is_later(each, tag))


def _is_family(own: TagName, other: TagName) -> bool:
    return (own.family, own.version is None) == (other.family, other.version is None)


def _version(name: TagName) -> Version:
    assert name.version is not None, "a family of versions has only tags with one"
    return name.version


def _is_later(tag: Tagged, than: Tagged) -> bool:
    return tag.at is not None and than.at is not None and tag.at > than.at


def _unnamed(tag: Tagged, other: Tagged) -> tuple[bool, float, str]:
    return _is_later(other, tag), -other.at.timestamp() if other.at else 0.0, other.name
