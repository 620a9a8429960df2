"""Reads a folder of transcripts in bounded memory: each message once, whatever file or line repeats it."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from schema.errors import BadInputError, SetUpError
from schema.identifiers import parse_repository
from service.imports.claude_code import Answer, Passed, parse_line
from service.imports.git_reader import GitRepository

# Longer than any real line; what is longer is read in pieces, none of which is whole JSON, and counts as broken.
LONGEST_LINE = 256 * 1024 * 1024

# One row a message; of its repetitions the one with the most tokens stays, and among equals the first.
CREATE = "CREATE TABLE answer (message BLOB PRIMARY KEY, total INTEGER NOT NULL, content BLOB NOT NULL)"
KEEP = (
    "INSERT INTO answer VALUES (?, ?, ?) ON CONFLICT (message) DO UPDATE "
    "SET total = excluded.total, content = excluded.content WHERE excluded.total > answer.total"
)


def find_folder(given: Path | None) -> Path:
    """Where the transcripts are: as given, else as CLAUDE_CONFIG_DIR says, else the agent's folder in the home folder.

    Raises SetUpError when there is no such folder.
    """
    configured = os.environ.get("CLAUDE_CONFIG_DIR")
    base = given or Path(configured or "~/.claude").expanduser()
    folder = base / "projects" if (base / "projects").is_dir() else base
    if not folder.is_dir():
        raise SetUpError("there is no folder of transcripts; pass it: shipledger import claude-code DIR")
    return folder


def find_files(folder: Path) -> list[Path]:
    """Every transcript below a folder, in a stable order; raises SetUpError when there is none."""
    files = sorted(path for path in folder.rglob("*.jsonl") if path.is_file())
    if not files:
        raise SetUpError("the folder holds no transcripts (*.jsonl); pass another: shipledger import claude-code DIR")
    return files


@dataclass
class Found:
    """What reading met: how many lines of each kind, and files that could not be opened."""

    files: int = 0
    unreadable_files: int = 0
    answers: int = 0
    passed: Counter[Passed] = field(default_factory=Counter)


class Answers:
    """The answers of many transcripts, each message once, kept in a temporary file that goes when it is closed."""

    def __init__(self) -> None:
        # An empty name is SQLite's private temporary database: on disk once it outgrows its cache.
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.execute(CREATE)
        self.found = Found()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def read(self, files: list[Path], advance: Callable[[int], None]) -> None:
        """Take in the answers of files; `advance` is told of every line's bytes."""
        self._store.execute("BEGIN")
        for path in files:
            try:
                self._read_file(path, advance)
                self.found.files += 1
            except OSError:
                self.found.unreadable_files += 1
        self._store.execute("COMMIT")

    def _read_file(self, path: Path, advance: Callable[[int], None]) -> None:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                match parse_line(line):
                    case Answer() as answer:
                        self._keep(answer)
                    case passed:
                        self.found.passed[passed] += 1
                advance(len(line))

    def _keep(self, answer: Answer) -> None:
        self.found.answers += 1
        self._store.execute(KEEP, (answer.message, answer.tokens.total, msgspec.msgpack.encode(answer)))

    def __len__(self) -> int:
        """How many messages there are."""
        count: int = self._store.execute("SELECT count(*) FROM answer").fetchone()[0]
        return count

    def __iter__(self) -> Iterator[Answer]:
        """Each message once, in the order in which they were first read."""
        for (content,) in self._store.execute("SELECT content FROM answer ORDER BY rowid"):
            yield msgspec.msgpack.decode(content, type=Answer)


class Repositories:
    """Which repository a folder is a clone of, asked of git once a folder; works in worktrees and subfolders."""

    def __init__(self) -> None:
        self._known: dict[str | None, str | None] = {None: None}

    def of(self, folder: str | None) -> str | None:
        """host/owner/name by the folder's remote `origin`, or None: no such folder, no clone, or no forge's address."""
        if folder not in self._known:
            self._known[folder] = _repository(Path(folder or ""))
        return self._known[folder]


def _repository(folder: Path) -> str | None:
    try:
        url = GitRepository(folder).remote_url("origin") if folder.is_absolute() and folder.is_dir() else None
        return str(parse_repository(url)) if url else None
    except (BadInputError, OSError):  # a folder may also be another user's, or of another machine's making
        return None
