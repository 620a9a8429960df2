"""Releases of a repository, found in its tags, with the pull requests that each shipped first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from service.imports.git.graph import unseen_ancestors
from service.imports.git.history import MergedPullRequest
from service.imports.git.log import History, Tag
from service.imports.git.packages import Packages
from vocabulary.alias_tags import Tagged, find_aliases
from vocabulary.tag_names import TagName, read_tag

Family: TypeAlias = str | None
NO_PACKAGES = Packages()


@dataclass(frozen=True, slots=True)
class TaggedRelease:
    """A tag, with the numbers of the pull requests that it shipped before any other tag of its family.

    `by_package_folder` is whether only those count that changed the folder of the package that the tag names; None if
    it names none.
    """

    tag: Tag
    pull_requests: tuple[int, ...]
    by_package_folder: bool | None = None


def find_releases(
    history: History, pull_requests: Sequence[MergedPullRequest], packages: Packages = NO_PACKAGES
) -> list[TaggedRelease]:
    """Return every tag, oldest first, with the pull requests that it held before any other tag of its family.

    Of a package whose folder is known, only those count that changed it. Tags that move (`v1`, `latest`) ship nothing.
    """
    tags = _oldest_first(history)
    merged = {pull_request.merge.sha: pull_request.number for pull_request in pull_requests}
    shipped: dict[str, list[int]] = {tag.name: [] for tag in tags}
    begun = set[str]()
    for family, members in _families(tags).items():
        begun.update(tag.name for tag in members[:1])
        changed = packages.changed_by.get(family or "")
        seen: set[str] = set()
        for tag in members:
            held = (merged[sha] for sha in unseen_ancestors(history.commits, tag.commit, seen) if sha in merged)
            shipped[tag.name] = sorted(number for number in held if changed is None or number in changed)
    for name, swept in _swept(history, tags, packages, shipped).items():
        if name not in begun:
            shipped[name] = [number for number in shipped[name] if number not in swept]
    return [TaggedRelease(tag, tuple(shipped[tag.name]), _by_folder(tag, packages)) for tag in tags]


def _families(tags: Sequence[Tag]) -> dict[Family, list[Tag]]:
    """Return the tags of each family that ship, in the same order; names are one family."""
    families = defaultdict[Family, list[tuple[Tag, TagName]]](list)
    for tag in tags:
        name = read_tag(tag.name)
        if not name.is_moving:
            families[None if name.version is None else name.family].append((tag, name))
    found = {}
    for family, members in families.items():
        aliases = _aliases(members)
        found[family] = [tag for tag, _ in members if tag.name not in aliases]
    return found


def _swept(
    history: History, tags: Sequence[Tag], packages: Packages, shipped: Mapping[str, Sequence[int]]
) -> dict[str, set[int]]:
    """Return what changed only the manifest of a release's package, and was shipped by another package before.

    Such a change went over many packages, and was no reason to release this one.
    """
    age = {sha: position for position, sha in enumerate(history.commits)}
    of_packages = [tag for tag in tags if _by_folder(tag, packages)]
    first: dict[int, int] = {}
    for tag in of_packages:
        for number in shipped[tag.name]:
            first.setdefault(number, age[tag.commit])
    found = {}
    for tag in of_packages:
        candidates = packages.in_manifest[read_tag(tag.name).family].intersection(shipped[tag.name])
        found[tag.name] = {number for number in candidates if first[number] != age[tag.commit]}
    return found


def _by_folder(tag: Tag, packages: Packages) -> bool | None:
    name = read_tag(tag.name)
    if name.version is None or not name.family:
        return None
    return name.family in packages.changed_by or (None if name.family == packages.whole else False)


def _aliases(family: Sequence[tuple[Tag, TagName]]) -> set[str]:
    return find_aliases(
        Tagged(tag.name, name.version.numbers, tag.commit, tag.tagged_at)
        for tag, name in family
        if name.version is not None and not name.version.is_prerelease
    )


def _oldest_first(history: History) -> list[Tag]:
    """Return tags in the order of their commits; on one commit by tag time, then `v1.2.3` before the moving `v1`."""
    age = {sha: position for position, sha in enumerate(history.commits)}
    return sorted(history.tags, key=lambda tag: (-age[tag.commit], tag.tagged_at, -len(tag.name), tag.name))
