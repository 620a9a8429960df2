"""Transcripts read in bounded memory; a message that several records repeat counts once."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from service.imports.transcripts.answer_index import AnswerIndex, Part
from service.imports.transcripts.claude_code import Answer, Problem, Reason, Skipped
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.git_marks import GitMark
from service.imports.transcripts.pull_request_links import PullRequestLink, linked_answers
from service.imports.transcripts.shared_work import share_work
from service.imports.transcripts.transcript import Place, Transcript, blocks


@dataclass
class Found:
    """Counts of files, files that could not be opened, answers, and skipped records by reason."""

    files: int = 0
    unreadable_files: int = 0
    answers: int = 0
    skipped: Counter[Skipped] = field(default_factory=Counter)
    problems: list["LineProblem"] = field(default_factory=list)
    # Sub-agents' responses that stand only in progress records, and their tokens.
    only_in_progress: int = 0
    only_in_progress_tokens: int = 0


@dataclass(frozen=True)
class LineProblem:
    """A problem, and the file and line where it is; line 0 is the whole file."""

    file: Path
    line: int
    problem: Problem


class _Report(msgspec.Struct, array_like=True):
    """What one process found besides answers."""

    files: int = 0
    unreadable: int = 0
    responses: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[tuple[int, list[tuple[int, Problem]]]] = msgspec.field(default_factory=list)
    in_progress: dict[bytes, int] = msgspec.field(default_factory=dict)
    links: list[PullRequestLink] = msgspec.field(default_factory=list)
    folders: dict[int, str] = msgspec.field(default_factory=dict)
    marks: list[GitMark] = msgspec.field(default_factory=list)
    worktrees: dict[str, str] = msgspec.field(default_factory=dict)


class Answers:
    """The answers of many transcripts, each message once, in temporary files that closing deletes.

    Without `keeps_contents` they can be counted only.
    """

    def __init__(self, *, keeps_contents: bool = True) -> None:
        self._keeps_contents = keeps_contents
        self._index = AnswerIndex()
        self._links: dict[bytes, PullRequestLink] = {}
        self.found = Found()
        # What sessions did with Git, and the folders from which worktrees were made, which may be gone.
        self.marks: list[GitMark] = []
        self.worktrees: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()

    def read(self, files: Sequence[Path], advance: Callable[[int], None]) -> None:
        """Read the answers in files; `advance` is called with numbers of bytes, all of them together."""
        reports: list[_Report] = []

        def read_share(number: int, share: Sequence[int]) -> bytes:
            part, report = parts[number], _Report()
            for file in share:
                _read_file(files[file], file, part, report, advance if number == 0 else _ignore)
            part.flush()
            report.folders = part.folders
            return msgspec.msgpack.encode(report)

        sizes = [_size(path) for path in files]
        parts: dict[int, Part] = {}

        def prepare(number: int) -> None:
            parts[number] = Part(number, keeps_contents=self._keeps_contents)

        for number, (share, raw) in enumerate(share_work(sizes, prepare, read_share)):
            report = msgspec.msgpack.decode(raw, type=_Report)
            parts[number].folders = report.folders
            self._index.add(parts[number])
            reports.append(report)
            if number:
                advance(sum(sizes[file] for file in share))
        self._add_up(files, reports)

    def _add_up(self, files: Sequence[Path], reports: Sequence[_Report]) -> None:
        found, in_progress = self.found, dict[bytes, int]()
        links: list[PullRequestLink] = []
        for report in reports:
            found.files += report.files
            found.unreadable_files += report.unreadable
            found.answers += report.responses
            found.skipped.update({Skipped(name): count for name, count in report.skipped.items()})
            links += report.links
            self.marks += report.marks
            self.worktrees |= report.worktrees
            for message, tokens in report.in_progress.items():
                in_progress[message] = max(tokens, in_progress.get(message, 0))
            for file, problems in report.problems:
                found.problems += [LineProblem(files[file], line, problem) for line, problem in problems]
        found.problems.sort(key=lambda one: (one.file, one.line))
        self._links = dict(linked_answers(links))
        for message, tokens in in_progress.items():
            if tokens and message not in self._index:
                found.only_in_progress += 1
                found.only_in_progress_tokens += tokens

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self._index)

    def __iter__(self) -> Iterator[Answer]:
        """Yield each message once, in the order of files."""
        return self.before(None)

    def before(self, end: datetime | None) -> Iterator[Answer]:
        """Yield the messages earlier than an instant, or all."""
        for row in self._index.rows(end):
            answer = self._index.answer(row)
            link = self._links.get(answer.message)
            yield (
                answer
                if link is None
                else msgspec.structs.replace(
                    answer, repository=link.repository, number=link.number, branch_then=link.branch
                )
            )

    def events_of_links(self, folders: Mapping[int, str], repositories: Repositories, end: datetime | None) -> int:
        """Return how many events have a repository only because a pull request is named right after them."""
        linked = self._index.rows_of(self._links, end)
        return sum(row.events for row in linked if not repositories.of(folders.get(row.folder)))

    @property
    def index(self) -> AnswerIndex:
        """The answers' rows and folders."""
        return self._index


def _read_file(path: Path, number: int, part: Part, report: _Report, advance: Callable[[int], None]) -> None:
    transcript = Transcript(advance)
    try:
        with path.open("rb", buffering=0) as file:
            transcript.read(file)
    except OSError:
        report.unreadable += 1
        report.problems.append((number, [(0, Problem(Reason.UNREADABLE))]))
        return
    part.add(number, transcript.answers())
    report.files += 1
    report.responses += transcript.responses
    for reason, count in transcript.skipped.items():
        report.skipped[reason] = report.skipped.get(reason, 0) + count
    report.links += transcript.links()
    report.marks += transcript.shell.marks()
    report.worktrees |= transcript.shell.worktrees()
    report.in_progress |= transcript.in_progress
    if transcript.problems:
        report.problems.append((number, _with_lines(path, transcript.problems)))


def _with_lines(path: Path, problems: Sequence[Place]) -> list[tuple[int, Problem]]:
    """Return problems with the numbers of their lines."""
    waiting = deque(sorted(problems, key=lambda place: place.byte))
    found, line, begins = [], 1, 0
    with path.open("rb") as file:
        for block in blocks(file):
            start = 0
            while waiting and waiting[0].byte < begins + len(block):
                place = waiting.popleft()
                line += block.count(b"\n", start, place.byte - begins)
                start = place.byte - begins
                found.append((line, place.problem))
            line += block.count(b"\n", start)
            begins += len(block)
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _ignore(_: int) -> None:
    """Processes other than the first show no progress."""
