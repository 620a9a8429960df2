"""Finds the pull requests that a release ships: the commits between it and the last release in its history."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from vocabulary.package_folders import changes_package, is_manifest, package_folder
from vocabulary.tag_names import read_tag
from workers.forge_access.errors import RefusedError
from workers.forge_access.listed import Listed
from workers.forges.code import CodeClient
from workers.forges.package_places import PackagePlaces, folders_above
from workers.forges.previous_tags import Tagged, candidates

# Each costs a request. If none is in its history, the release counts as the first of its family.
MAX_CANDIDATES = 20
# The first release of a family ships its whole history; a longer one is not worth the requests.
MAX_COMMITS = 5000
# Asking for the paths of twenty-five pull requests costs a request.
MAX_PATHS = 500


class HistoryClient(Protocol):
    """A forge's commit history; blocking, methods raise ForgeError."""

    def tags(self, repository: Listed) -> list[Tagged]:
        """Return every tag of the repository."""

    def commits_between(self, repository: Listed, base: str, head: str) -> list[str] | None:
        """Return all commits of `head` that `base` lacks; None when `base` is not in its history."""

    def commits_up_to(self, repository: Listed, head: str, most: int) -> list[str] | None:
        """Return every commit in the history of `head`; None when there are more than `most`."""

    def merged_by(self, repository: Listed, commits: Sequence[str]) -> set[int]:
        """Return the numbers of pull requests whose merge commit is one of these."""

    def notes(self, repository: Listed, tag: str, previous: str | None) -> set[int] | None:
        """Return pull request numbers in the forge's generated notes; None if it generates none for us."""


class ReleaseFound(NamedTuple):
    """What a release ships since `base` (None for the first of its family), and what the forge's notes list.

    `in_package` are the numbers that changed the folder of the package that the tag names, None if that is unknown.
    """

    base: Tagged | None
    numbers: frozenset[int]
    in_notes: frozenset[int] | None
    in_package: frozenset[int] | None = None


def find_shipped(client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]) -> ReleaseFound | None:
    """Return what a release ships; None when its history is too long. Raises ForgeError."""
    base, commits = _compare(client, repository, tag, tags)
    if commits is None:
        return None
    numbers = client.merged_by(repository, commits)
    in_notes = client.notes(repository, tag.name, base.name if base else None)
    return ReleaseFound(base, frozenset(numbers), None if in_notes is None else frozenset(in_notes))


def with_package(
    client: CodeClient, places: PackagePlaces, repository: Listed, tag: Tagged, found: ReleaseFound
) -> ReleaseFound:
    """Add which numbers changed the folder of the package that a tag names. Raises ForgeError.

    Where it moved since the base, both folders are its own. A tag such as `widgets-1.2` of the repository `widgets`
    names the whole of it.
    """
    package = read_tag(tag.name).family
    is_whole = package == repository.path.rpartition("/")[2].lower()
    if not package or is_whole or not found.numbers or len(found.numbers) > MAX_PATHS:
        return found
    try:
        paths = client.changed_paths(repository, sorted(found.numbers))
    except RefusedError:  # without access to the code, everything ships
        return found
    is_explicit = "@" in tag.name or "/" in tag.name
    commits = [tag.commit, *([found.base.commit] if found.base else [])]
    folders = {places.find(package, commit, is_explicit=is_explicit) for commit in commits} - {None}
    if not folders:
        folders = {_by_changes(package, {path for each in paths.values() for path in each}, is_explicit)} - {None}
    if not folders:
        return found
    own = [folder for folder in folders if folder is not None]
    changing = frozenset(number for number, each in paths.items() if changes_package(own, each))
    return found._replace(in_package=changing & found.numbers)


def _by_changes(package: str, changed: Collection[str], is_explicit: bool) -> str | None:
    """Return the folder of a package by changed paths, for a repository whose files may not be listed."""
    folder = package_folder(package, {path.rpartition("/")[0] for path in changed if is_manifest(path)} - {""})
    if folder is None and is_explicit:
        folder = package_folder(package, {above for path in changed for above in folders_above(path)})
    return folder


def _compare(
    client: HistoryClient, repository: Listed, tag: Tagged, tags: Sequence[Tagged]
) -> tuple[Tagged | None, list[str] | None]:
    for each in candidates(tag, tags)[:MAX_CANDIDATES]:
        commits = client.commits_between(repository, each.commit, tag.commit)
        if commits is not None:
            return each, commits
    return None, client.commits_up_to(repository, tag.commit, MAX_COMMITS)
