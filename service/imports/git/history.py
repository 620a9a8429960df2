"""Merged pull requests of a repository, found in its Git history.

A pull request counts if its merge is on the mainline, the chain of first parents, or on a branch of the repository that
was merged there, such as `develop`. Other merges went into another branch, often of a fork, whose pull request numbers
belong to another repository.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.imports.git.graph import unseen_ancestors
from service.imports.git.log import Commit, History, Mainline
from service.imports.git.numbering import is_own, own_numbers_begin, own_places, taken_over
from vocabulary.forge import Forge
from vocabulary.merge_messages import MergedNumber, Message, read_numbers
from vocabulary.reverts import NOTHING, Reverted, digest_title, read_pull_request

MERGE_PARENTS = 2


@dataclass(frozen=True, slots=True)
class MergedPullRequest:
    """A merged pull request; `squashed` if only one commit on the mainline remains of it.

    `title` is a digest, to find what reverts it by title.
    """

    named: MergedNumber
    base_branch: str | None
    merge: Commit
    commits: tuple[Commit, ...]
    squashed: bool
    reverted: Reverted = NOTHING
    title: bytes | None = None

    @property
    def number(self) -> int:
        """Return the forge's number."""
        return self.named.number

    @property
    def opened_at(self) -> datetime:
        """Return the time of the earliest commit, at the latest the merge: Git does not record when it was opened."""
        return min([self.merge.committed_at, *(commit.authored_at for commit in self.commits)])


@dataclass(frozen=True, slots=True)
class NamedMerge:
    """A commit of a mainline, and the pull requests that its message names."""

    message: Message
    numbers: tuple[MergedNumber, ...]


@dataclass(frozen=True, slots=True)
class MainlineReading:
    """What the messages of a mainline say.

    `commits` is how many it has and `unnamed` how many of them name no pull request. `elsewhere` counts those that name
    one of another repository, and `earlier` those with numbers of the one it was forked from.
    """

    mainline: Mainline
    merges: tuple[NamedMerge, ...]
    commits: int
    unnamed: int
    elsewhere: Counter[str]
    earlier: int


def read_mainline(mainline: Mainline, forge: Forge, path: str | None = None) -> MainlineReading:
    """Return which commits name a pull request of the repository `path`, its owner/name."""
    named = [NamedMerge(message, read_numbers(forge, message)) for message in mainline.messages]
    found = [each for each in named if each.numbers and (mainline.collects or each.numbers[0].head_branch)]
    elsewhere = Counter[str]()
    if path is not None:
        known = own_places(((each.numbers[0].number, each.numbers[0].place) for each in found), path)
        foreign = [
            each.numbers[0].place
            for each in found
            if (place := each.numbers[0].place) and not is_own(place, path) and place not in known
        ]
        elsewhere.update(place for place in foreign if place)
        found = [each for each in found if each.numbers[0].place not in elsewhere]
    numbers = [each.numbers[0].number for each in found]
    begin = own_numbers_begin(numbers)
    others = taken_over(numbers, begin)
    return MainlineReading(
        mainline=mainline,
        merges=tuple(each for place, each in enumerate(found) if place >= begin and place not in others),
        commits=len(named),
        unnamed=sum(not each.numbers for each in named),
        elsewhere=elsewhere,
        earlier=begin + len(others),
    )


def find_pull_requests(history: History, forge: Forge, path: str | None = None) -> list[MergedPullRequest]:
    """Return the merged pull requests of every mainline, each number once, oldest merge first."""
    return merged_pull_requests(history, [read_mainline(each, forge, path) for each in history.mainlines])


def merged_pull_requests(history: History, readings: Iterable[MainlineReading]) -> list[MergedPullRequest]:
    """Return the merged pull requests, each number once, oldest merge first.

    If a number appears twice, a merge commit wins over a title that mentions it; otherwise the earliest wins. Several
    commits in a row that name one pull request in a trailer are all its own.
    """
    found: dict[int, MergedPullRequest] = {}
    lines = {message.sha for mainline in history.mainlines for message in mainline.messages}
    for reading in readings:
        named = {each.message.sha: each for each in reading.merges}
        settled = set(lines) if reading.mainline.is_side else set[str]()
        before: MergedNumber | None = None
        for message in reading.mainline.messages:
            merge = history.commits[message.sha]
            brought = _brought_in(history.commits, merge, settled)
            numbers = named[message.sha].numbers if message.sha in named else ()
            for place, number in enumerate(numbers):
                known = found.get(number.number)
                own = brought[place] if len(numbers) == len(brought) else [sha for each in brought for sha in each]
                candidate = _pull_request(number, message, reading.mainline.branch, merge, own)
                if known and number.is_trailer and before == number:
                    found[number.number] = replace(known, merge=merge, commits=(*known.commits, *candidate.commits))
                elif _is_better(candidate, known):
                    found[number.number] = candidate
            before = numbers[-1] if numbers else None
    return sorted(found.values(), key=lambda pull_request: (pull_request.merge.committed_at, pull_request.number))


def find_reverts(pull_requests: Sequence[MergedPullRequest], path: str) -> dict[int, list[int]]:
    """Return the numbers that each pull request reverts, if any; `path` is the repository's owner/name."""
    known = _Known()
    by_commit = {commit.sha: each.number for each in pull_requests for commit in (each.merge, *each.commits)}
    for sha, number in by_commit.items():
        known.by_digits.setdefault(sha[:DIGITS], {})[sha] = number
    found: dict[int, list[int]] = {}
    for each in pull_requests:
        numbers = {named.number for named in each.reverted.named if named.place in {None, path}}
        numbers |= {held for sha in each.reverted.commits if (held := known.of_commit(sha))}
        if each.reverted.title and (titled := known.by_title.get(each.reverted.title)):
            numbers.add(titled)
        if numbers := numbers - {each.number}:
            found[each.number] = sorted(numbers)
        if each.title:
            known.by_title[each.title] = each.number
    return found


DIGITS = 7


class _Known:
    """Pull requests by the first digits of their commits, and by the title that was merged last."""

    def __init__(self) -> None:
        self.by_digits: dict[str, dict[str, int]] = {}
        self.by_title: dict[bytes, int] = {}

    def of_commit(self, sha: str) -> int | None:
        """Return the pull request of a commit, by its SHA or the first digits that no other commit has."""
        found = {each: number for each, number in self.by_digits.get(sha[:DIGITS], {}).items() if each.startswith(sha)}
        return next(iter(found.values())) if len(found) == 1 else None


def _pull_request(
    named: MergedNumber, message: Message, branch: str | None, merge: Commit, brought: list[Commit]
) -> MergedPullRequest:
    squashed = len(merge.parents) < MERGE_PARENTS
    title = message.subject.rstrip().removesuffix(f"(#{named.number})").removesuffix(f"(!{named.number})")
    # The merge commit of a forge has the title in its body.
    merged_title = title if squashed else message.body.strip().partition("\n")[0]
    return MergedPullRequest(
        named=named,
        base_branch=named.base_branch or branch,
        merge=merge,
        commits=(merge,) if squashed else tuple(sorted(brought, key=lambda commit: (commit.authored_at, commit.sha))),
        squashed=squashed,
        reverted=read_pull_request(title if squashed else message.subject, message.body, named.head_branch),
        title=digest_title(merged_title),
    )


def _is_better(candidate: MergedPullRequest, known: MergedPullRequest | None) -> bool:
    return known is None or (known.squashed and not candidate.squashed)


def _brought_in(commits: dict[str, Commit], merge: Commit, settled: set[str]) -> list[list[Commit]]:
    """Return the commits that a merge added to the mainline, for each of its parents but the first.

    They are reachable from that parent and not from the first. Call it oldest first: `settled` holds everything that
    the first parent reaches, and gets the new commits.
    """
    brought = [[commits[sha] for sha in unseen_ancestors(commits, parent, settled)] for parent in merge.parents[1:]]
    settled.add(merge.sha)
    return brought
