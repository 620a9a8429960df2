"""Parsers of git's output: the commit graph, the messages of a mainline, and tags."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import intern

from vocabulary.merge_messages import Message

# Formats for `git log` and `git for-each-ref`. Messages may contain anything but NUL, so NUL separates fields.
GRAPH_FORMAT = "%H %at %ct %P"
MESSAGE_FORMAT = "%H%x00%s%x00%b"
CHANGES_FORMAT = "%x01%H"
TAG_FORMAT = "%(objectname)%00%(*objectname)%00%(creatordate:unix)%00%(refname:strip=2)"

_CHANGES = re.compile(r"\x01([0-9a-f]{40,64})(?:\0\n?|\n|\Z)")
MESSAGE_FIELDS = 3
TAG_FIELDS = 4
PEELED = "^{}"
NONE_PEELED: Mapping[str, str] = {}
# Broken tools write times beyond the year 9999; such a commit must not stop an import.
LATEST_SECONDS = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its parents, first parent first, and its times in UTC."""

    sha: str
    parents: tuple[str, ...]
    authored_at: datetime
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a commit; `tagged_at` is the tagger's time, or the commit's if the tag has none."""

    name: str
    commit: str
    tagged_at: datetime


@dataclass(frozen=True, slots=True)
class Mainline:
    """A branch that pull requests are merged into: the first parents from its tip to its root, oldest first.

    A side line is one that was merged into a mainline, down to where it left that. `collects` if a number at the end of
    a title names a pull request there; otherwise only the merges count.
    """

    branch: str | None
    messages: tuple[Message, ...]
    is_side: bool = False
    collects: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """Everything read from a repository. `commits` are newest first, each parent after all of its children.

    `tips` are the ends of branches that usually collect work, and `notes` what a reader should know of the choice of
    mainlines.
    """

    commits: dict[str, Commit]
    mainlines: tuple[Mainline, ...]
    tags: tuple[Tag, ...]
    tips: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def parse_instant(seconds: str) -> datetime:
    """Convert seconds since 1970 to an instant in UTC, limited to the years 1970 to 9999."""
    return datetime.fromtimestamp(min(max(int(seconds or 0), 0), LATEST_SECONDS), UTC)


def parse_graph(lines: Iterable[str]) -> dict[str, Commit]:
    """Read `git log --format=GRAPH_FORMAT` into commits by SHA, in the order printed."""
    commits = {}
    for line in lines:
        sha, authored_at, committed_at, *parents = line.rstrip("\n").split(" ")
        # Every SHA appears as a commit and as a parent; sharing the string halves the memory of a large history.
        commits[intern(sha)] = Commit(
            intern(sha),
            tuple(intern(parent) for parent in parents if parent),
            parse_instant(authored_at),
            parse_instant(committed_at),
        )
    return commits


def parse_messages(text: str) -> Iterator[Message]:
    """Read `git log -z --format=MESSAGE_FORMAT`."""
    for sha, subject, body in _records(text.split("\0"), MESSAGE_FIELDS):
        yield Message(sha, subject, body)


def parse_changed_paths(text: str, wanted: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each wanted commit with the paths that it changed, from CHANGES_FORMAT with file names that end in NUL."""
    pieces = iter(_CHANGES.split(text)[1:])
    for sha, names in zip(pieces, pieces, strict=True):
        if sha in wanted:
            yield sha, [name for name in names.split("\0") if name]


def parse_peeled(lines: Iterable[str]) -> dict[str, str]:
    """Read `git show-ref --tags --dereference` into what annotated tags lead to in the end, by name."""
    pairs = (line.split(" ", 1) for line in lines)
    return {name.removeprefix("refs/tags/").removesuffix(PEELED): sha for sha, name in pairs if name.endswith(PEELED)}


def parse_tags(
    lines: Iterable[str], commits: dict[str, Commit], peeled_by_name: Mapping[str, str] = NONE_PEELED
) -> Iterator[Tag]:
    """Read `git for-each-ref --format=TAG_FORMAT refs/tags`; tags of other objects than commits are left out.

    `peeled_by_name` leads through tags of tags.
    """
    for line in lines:
        tagged, peeled, seconds, name = line.rstrip("\n").split("\0", TAG_FIELDS - 1)
        if (commit := peeled_by_name.get(name) or peeled or tagged) in commits:
            yield Tag(name, commit, parse_instant(seconds) if seconds else commits[commit].committed_at)


def _records(fields: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(fields) - size + 1, size):
        yield fields[start : start + size]
