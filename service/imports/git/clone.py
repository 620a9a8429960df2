"""Everything that an import takes from a clone: pull requests, releases, and what to say about them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schema.contracts.values import Forge
from schema.identifiers import RepositoryName
from service.imports.git.history import MainlineReading, MergedPullRequest, merged_pull_requests, read_mainline
from service.imports.git.log import History
from service.imports.git.reader import GitRepository
from service.imports.git.side_lines import find_side_lines

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
    return MergedWork(
        history=history,
        pull_requests=merged_pull_requests(history, readings),
        commits=sum(each.commits for each in mainlines),
        unnamed=sum(each.unnamed for each in mainlines),
        notes=(*history.notes, *_notes(mainlines, name)),
    )


def _notes(mainlines: Sequence[MainlineReading], name: RepositoryName) -> Iterable[str]:
    elsewhere = sum((each.elsewhere for each in mainlines), Counter[str]())
    for place, _ in elsewhere.most_common(1):
        yield (
            f"{elsewhere.total():,} commits name pull requests of another repository, most of {place}, and do not "
            f"count; if this is a clone of it: --repository {name.host}/{place}"
        )
    if earlier := sum(each.earlier for each in mainlines):
        yield f"{earlier:,} pull requests have numbers of the repository that this was forked from, and do not count"
