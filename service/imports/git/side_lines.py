"""Branches of the repository itself that pull requests were merged into before they reached the mainline. Pure.

With git-flow, features go into `develop`, and `develop` goes into `main`. A stack goes into the branch below it, and a
merge bot's rollup is a branch of its own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.imports.git.graph import first_parents
from service.imports.git.history import MERGE_PARENTS, MainlineReading
from service.imports.git.log import History
from service.imports.git.numbering import is_own
from vocabulary.merge_messages import MergedNumber

# Branches that collect work, by their usual names; so does any branch that was merged twice.
COLLECTING = ("develop", "development", "dev", "next", "staging", "integration")
TWICE = 2
_BY_HAND = re.compile(rf"^Merge (?:remote-tracking )?branch '(?:origin/)?(?P<branch>{'|'.join(COLLECTING)})'")
ROLLUP = "rollup"


@dataclass(frozen=True, slots=True)
class SideLine:
    """A branch and its commits, oldest first; `collects` if squashed pull requests count there, too."""

    branch: str | None
    shas: tuple[str, ...]
    collects: bool


def find_side_lines(
    history: History, readings: Iterable[MainlineReading], path: str, tips: Mapping[str, str]
) -> list[SideLine]:
    """Return the branches of the repository `path` that these mainlines merged.

    `tips` are the ends of branches of the repository that collect work, merged or not.
    """
    starts = defaultdict[str, list[str]](list)
    merged = Counter[str]()
    bases: dict[str, str | None] = {}
    for reading in readings:
        for each in reading.merges:
            branch = _own_branch(each.numbers[0], path)
            parents = history.commits[each.message.sha].parents
            if branch and branch != reading.mainline.branch and len(parents) == MERGE_PARENTS:
                starts[branch].append(parents[1])
                merged[branch] += 1
                bases[branch] = reading.mainline.branch if branch.startswith(ROLLUP) else branch
        for branch, end in _merged_by_hand(history, reading):
            starts[branch].append(end)
    read = {mainline.branch for mainline in history.mainlines}
    for branch, end in tips.items():
        if branch not in read:
            starts[branch].append(end)
    until = {message.sha for mainline in history.mainlines for message in mainline.messages}
    found = []
    for branch, ends in starts.items():
        collects = branch in COLLECTING or merged[branch] >= TWICE
        shas: list[str] = []
        for end in ends:
            chain = list(first_parents(history.commits, end, until))
            until.update(chain)
            shas.extend(reversed(chain))
        if collects or any(len(history.commits[sha].parents) >= MERGE_PARENTS for sha in shas):
            found.append(SideLine(bases.get(branch, branch), tuple(shas), collects))
    return found


def _merged_by_hand(history: History, reading: MainlineReading) -> Iterator[tuple[str, str]]:
    """Yield branches that collect work and were merged without a pull request, each with its end."""
    for message in reading.mainline.messages:
        merge = _BY_HAND.match(message.subject)
        parents = history.commits[message.sha].parents
        if merge and merge["branch"] != reading.mainline.branch and len(parents) == MERGE_PARENTS:
            yield merge["branch"], parents[1]


def _own_branch(named: MergedNumber, path: str) -> str | None:
    """Return the source branch if it is one of the repository, not of a fork."""
    if named.head_branch is None:
        return None
    if named.head_branch.startswith(ROLLUP) or (named.place is not None and is_own(named.place, path)):
        return named.head_branch
    return named.head_branch if named.owner == path.rpartition("/")[0] else None
