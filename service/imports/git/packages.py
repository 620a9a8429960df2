"""Packages of a clone, and which pull requests changed their folders. Paths stay in memory."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from service.imports.git.history import MergedPullRequest
from service.imports.git.log import History, Tag
from service.imports.git.reader import GitRepository
from vocabulary.package_folders import (
    MANIFESTS,
    NAMING_LINE,
    SUFFIX,
    changes_package,
    manifest_name,
    package_folder,
)
from vocabulary.tag_names import read_tag

# Trees that are searched for packages, those of the newest tags first.
MOST_TREES = 60
# `pkg@1.2.3` and `pkg/v1.2.3` name a package even if no manifest does; `build-7` may be anything.
_EXPLICIT = re.compile(r".[@/]")


@dataclass(frozen=True, slots=True)
class Packages:
    """The pull requests that changed the folder of each package; packages without a folder are missing.

    Of those, `in_manifest` changed only manifests there, which changes that go over every package do. `whole` is the
    repository's own name: as in `widgets-1.2` of the repository `widgets`, it names no package unless a folder has it.
    """

    changed_by: Mapping[str, frozenset[int]] = field(default_factory=dict)
    in_manifest: Mapping[str, frozenset[int]] = field(default_factory=dict)
    whole: str | None = None


def read_packages(
    clone: GitRepository, history: History, pull_requests: Sequence[MergedPullRequest], whole: str | None = None
) -> Packages:
    """Return which pull requests changed the folder of each package that tags name; `whole` names the repository."""
    tags = defaultdict[str, list[Tag]](list)
    for tag in sorted(history.tags, key=lambda tag: tag.tagged_at, reverse=True):
        name = read_tag(tag.name)
        if name.version is not None and name.family:
            tags[name.family].append(tag)
    folders = _folders(clone, tags)
    if not folders:
        return Packages(whole=whole)
    numbers = {each.merge.sha: each.number for each in pull_requests}
    paths = {numbers[sha]: changed for sha, changed in clone.read_changed_paths(numbers)}
    changed_by = {
        package: frozenset(number for number, changed in paths.items() if changes_package(places, changed))
        for package, places in folders.items()
    }
    in_manifest = {
        package: frozenset(number for number in numbers if _only_manifests(folders[package], paths[number]))
        for package, numbers in changed_by.items()
    }
    return Packages(changed_by, in_manifest, whole)


def _only_manifests(folders: Iterable[str], paths: Iterable[str]) -> bool:
    within = tuple(f"{folder}/" for folder in folders)
    return all(path.rpartition("/")[2] in MANIFESTS for path in paths if path.startswith(within))


def _folders(clone: GitRepository, tags: Mapping[str, Sequence[Tag]]) -> dict[str, set[str]]:
    """Return where each package lay at its newest and at its oldest tag, if that is clear."""
    trees = list(dict.fromkeys([*(own[0].commit for own in tags.values()), *(own[-1].commit for own in tags.values())]))
    manifests = {tree: _manifests(clone, tree) for tree in trees[:MOST_TREES]}
    found: dict[str, set[str]] = {}
    for package, own in tags.items():
        for tree in {own[0].commit, own[-1].commit} & manifests.keys():
            names = manifests[tree]
            folder = package_folder(package, names.keys(), names)
            if folder is None and _EXPLICIT.search(own[0].name):
                folder = package_folder(package, _all_folders(clone, tree))
            if folder is not None:
                found.setdefault(package, set()).add(folder)
    return found


def _all_folders(clone: GitRepository, tree: str) -> list[str]:
    return (clone.attempt("ls-tree", "-r", "-d", "--name-only", tree) or "").splitlines()


def _manifests(clone: GitRepository, tree: str) -> dict[str, str]:
    """Return what the manifests below the root of a tree call their packages, by folder."""
    places = (f":(glob)**/*/{name}" for name in (*sorted(MANIFESTS), f"*{SUFFIX}"))
    lines = clone.attempt("grep", "-I", "--no-color", "--full-name", "-E", NAMING_LINE, tree, "--", *places) or ""
    return dict(_named(lines.splitlines()))


def _named(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield each folder once, with the first name in its manifest."""
    seen = set[str]()
    for line in lines:
        _, _, rest = line.partition(":")
        path, _, text = rest.partition(":")
        folder = path.rpartition("/")[0]
        if folder not in seen and (name := manifest_name([text])):
            seen.add(folder)
            yield folder, name
