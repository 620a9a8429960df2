"""Everything that an import takes from a clone: pull requests, releases, and what to say about them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schema.identifiers import RepositoryName
from service.imports.git.history import MainlineReading, MergedPullRequest, merged_pull_requests, read_mainline
from service.imports.git.log import History
from service.imports.git.reader import GitRepository
from service.imports.git.release_lines import find_release_lines, only_in_releases
from service.imports.git.side_lines import find_side_lines
from vocabulary.forge import Forge

# A feature in a stack in `develop` in `main`.
DEPTH = 4


@dataclass(frozen=True, slots=True)
class MergedWork:
    """The history with its side lines, what was merged, and how many commits of the mainlines name nothing."""

    history: History
    pull_requests: list[MergedPullRequest]
    commits: int
    unnamed: int
    notes: tuple[str, ...]


def read_merged_work(
    clone: GitRepository, history: History, forge: Forge, name: RepositoryName, *, with_sides: bool
) -> MergedWork:
    """Return the merged pull requests of the mainlines, and of the repository's branches that were merged there."""
    mainlines = [read_mainline(each, forge, name.path) for each in history.mainlines]
    readings, fresh = list(mainlines), mainlines
    for _ in range(DEPTH if with_sides else 0):
        known = len(history.mainlines)
        history = clone.add_side_lines(history, find_side_lines(history, fresh, name.path, history.tips))
        fresh = [read_mainline(each, forge, name.path) for each in history.mainlines[known:]]
        readings += fresh
    pull_requests = merged_pull_requests(history, readings)
    maintained: list[MergedPullRequest] = []
    if with_sides:
        history, maintained = _read_release_lines(clone, history, forge, name, mainlines, pull_requests)
    return MergedWork(
        history=history,
        pull_requests=sorted([*pull_requests, *maintained], key=lambda each: (each.merge.committed_at, each.number)),
        commits=sum(each.commits for each in mainlines),
        unnamed=sum(each.unnamed for each in mainlines),
        notes=(*history.notes, *_notes(mainlines, maintained, name)),
    )


def _read_release_lines(
    clone: GitRepository,
    history: History,
    forge: Forge,
    name: RepositoryName,
    mainlines: Sequence[MainlineReading],
    known: Sequence[MergedPullRequest],
) -> tuple[History, list[MergedPullRequest]]:
    """Return the history with the branches of releases, and what was merged only there."""
    read = len(history.mainlines)
    history = clone.add_side_lines(history, find_release_lines(history))
    lines = [read_mainline(each, forge, name.path) for each in history.mainlines[read:]]
    is_fork = any(each.earlier for each in mainlines)
    return history, only_in_releases(history, lines, known, is_fork=is_fork)


def _notes(
    mainlines: Sequence[MainlineReading], maintained: Sequence[MergedPullRequest], name: RepositoryName
) -> Iterable[str]:
    elsewhere = sum((each.elsewhere for each in mainlines), Counter[str]())
    for place, _ in elsewhere.most_common(1):
        yield (
            f"{elsewhere.total():,} commits name pull requests of another repository, most of {place}, and do not "
            f"count; if this is a clone of it: --repository {name.host}/{place}"
        )
    if earlier := sum(each.earlier for each in mainlines):
        yield f"{earlier:,} pull requests have numbers of the repository that this was forked from, and do not count"
    if maintained:
        branch = mainlines[0].mainline.branch
        only = f"; without them: --branch {branch}" if branch else ""
        yield f"{len(maintained):,} pull requests were merged only into branches of releases, and count{only}"
