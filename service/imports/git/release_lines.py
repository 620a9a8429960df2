"""Branches that only releases are on: maintained versions, with backports that never reach a mainline. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.imports.git.graph import first_parents
from service.imports.git.history import MainlineReading, MergedPullRequest, NamedMerge, merged_pull_requests
from service.imports.git.log import History
from service.imports.git.numbering import SLACK
from service.imports.git.side_lines import SideLine
from vocabulary.tag_names import read_tag


def find_release_lines(history: History) -> list[SideLine]:
    """Return how each version was reached from where its branch left the branches that are read, oldest tags first.

    A tag of an unrelated history belongs to another project.
    """
    until = {message.sha for mainline in history.mainlines for message in mainline.messages}
    found = []
    for tag in sorted(history.tags, key=lambda tag: (history.commits[tag.commit].committed_at, tag.name)):
        if read_tag(tag.name).version is None:
            continue
        chain = list(first_parents(history.commits, tag.commit, until))
        if chain and until.intersection(history.commits[chain[-1]].parents):
            until.update(chain)
            found.append(SideLine(None, tuple(reversed(chain)), collects=True))
    return found


def only_in_releases(
    history: History, readings: Iterable[MainlineReading], known: Sequence[MergedPullRequest], *, is_fork: bool
) -> list[MergedPullRequest]:
    """Return pull requests that only these lines of releases name; a commit that repeats a known number is a copy.

    Numbers beyond those of the repository are another project's, and so is what a fork took over.
    """
    numbers = {each.number for each in known}
    if not numbers:
        return []
    begin = min(each.merge.committed_at for each in known) if is_fork else None
    beyond = max(numbers) + SLACK

    def is_new(each: NamedMerge) -> bool:
        return not any(named.number in numbers or named.number > beyond for named in each.numbers) and _is_since(
            history, each, begin
        )

    own = [replace(reading, merges=tuple(filter(is_new, reading.merges))) for reading in readings]
    return merged_pull_requests(history, own)


def _is_since(history: History, each: NamedMerge, begin: datetime | None) -> bool:
    return begin is None or history.commits[each.message.sha].committed_at >= begin
