"""Orders the tags that a release may be compared with: the last of its family in its history. Pure.

Only the forge knows the history, so this module decides in which order to ask.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from vocabulary import alias_tags
from vocabulary.tag_names import TagName, Version, read_tag

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Tagged(NamedTuple):
    """A tag, its commit, and when it was created, if known."""

    name: str
    commit: str
    at: datetime | None


class _Read(NamedTuple):
    """A tag and its parsed name."""

    tag: Tagged
    name: TagName

    @property
    def version(self) -> Version:
        assert self.name.version is not None, "a family of versions has only tags with one"
        return self.name.version


def candidates(tag: Tagged, tags: Iterable[Tagged]) -> list[Tagged]:
    """Return the tags that may precede a tag, likeliest first: the highest version below its own.

    Higher versions may precede it, too, for example after an abandoned release line. Tags on the same commit do not:
    the first release of the commit ships everything. Tags without a version form one family; the newest is likeliest.
    """
    own = read_tag(tag.name)
    read = (_Read(each, read_tag(each.name)) for each in tags if each.commit != tag.commit)
    family = _without_aliases([each for each in read if _is_family(own, each.name)])
    if own.version is None:
        return sorted((each.tag for each in family), key=lambda each: _unnamed(tag, each))
    below = [each for each in family if each.version <= own.version]
    above = [each for each in family if each.version > own.version]
    below.sort(key=lambda each: each.version, reverse=True)
    above.sort(key=lambda each: each.version)
    # Commits are seldom older than their ancestors, so asking for later tags last saves requests.
    ordered = [each.tag for each in (*below, *above)]
    return sorted(ordered, key=lambda each: _is_later(each, tag))


def _without_aliases(family: list[_Read]) -> list[_Read]:
    versions = [
        alias_tags.Tagged(each.tag, each.version.numbers, each.tag.commit, each.tag.at or EARLIEST)
        for each in family
        if each.name.version is not None and not each.version.is_prerelease
    ]
    aliases = alias_tags.find_aliases(versions)
    return [each for each in family if each.tag not in aliases and not each.name.is_moving]


def _is_family(own: TagName, other: TagName) -> bool:
    return (own.family, own.version is None) == (other.family, other.version is None)


def _is_later(tag: Tagged, than: Tagged) -> bool:
    return tag.at is not None and than.at is not None and tag.at > than.at


def _unnamed(tag: Tagged, other: Tagged) -> tuple[bool, float, str]:
    return _is_later(other, tag), -other.at.timestamp() if other.at else 0.0, other.name
