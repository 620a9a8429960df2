"""Folders of transcripts, read in bounded memory; a message that several lines repeat counts once."""

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
from service.imports.claude_code import Answer, Skipped, parse_line
from service.imports.git_reader import GitRepository

# Longer than any real line. A longer one is read in pieces, which count as broken.
LONGEST_LINE = 256 * 1024 * 1024

# One row per message: the repetition with the most tokens stays, and the first of equal ones.
CREATE = "CREATE TABLE answer (message BLOB PRIMARY KEY, total INTEGER NOT NULL, content BLOB NOT NULL)"
KEEP = (
    "INSERT INTO answer VALUES (?, ?, ?) ON CONFLICT (message) DO UPDATE "
    "SET total = excluded.total, content = excluded.content WHERE excluded.total > answer.total"
)


def find_folder(path: Path | None) -> Path:
    """Return the folder of transcripts: `path`, CLAUDE_CONFIG_DIR or ~/.claude. Raises SetUpError if it is missing."""
    configured = os.environ.get("CLAUDE_CONFIG_DIR")
    base = path or Path(configured or "~/.claude").expanduser()
    folder = base / "projects" if (base / "projects").is_dir() else base
    if not folder.is_dir():
        raise SetUpError("the folder of transcripts was not found; pass it: shipledger import claude-code DIR")
    return folder


def find_files(folder: Path) -> list[Path]:
    """Return every transcript below a folder, sorted; raises SetUpError if there is none."""
    files = sorted(path for path in folder.rglob("*.jsonl") if path.is_file())
    if not files:
        raise SetUpError("the folder holds no transcripts (*.jsonl); pass another: shipledger import claude-code DIR")
    return files


@dataclass
class Found:
    """Counts of files, files that could not be opened, answers, and skipped lines by reason."""

    files: int = 0
    unreadable_files: int = 0
    answers: int = 0
    skipped: Counter[Skipped] = field(default_factory=Counter)


class Answers:
    """The answers of many transcripts, each message once, in a temporary database that closing deletes."""

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
        """Read the answers in files; `advance` is called with the bytes of each line."""
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
                    case skipped:
                        self.found.skipped[skipped] += 1
                advance(len(line))

    def _keep(self, answer: Answer) -> None:
        self.found.answers += 1
        self._store.execute(KEEP, (answer.message, answer.tokens.total, msgspec.msgpack.encode(answer)))

    def __len__(self) -> int:
        """Return the number of messages."""
        count: int = self._store.execute("SELECT count(*) FROM answer").fetchone()[0]
        return count

    def __iter__(self) -> Iterator[Answer]:
        """Yield each message once, in the order in which they were first read."""
        for (content,) in self._store.execute("SELECT content FROM answer ORDER BY rowid"):
            yield msgspec.msgpack.decode(content, type=Answer)


class Repositories:
    """The repositories of folders, looked up with git once per folder; worktrees and subfolders work too."""

    def __init__(self) -> None:
        self._known: dict[str | None, str | None] = {None: None}

    def of(self, folder: str | None) -> str | None:
        """Return host/owner/name of the folder's remote `origin`; None without a clone or such a remote."""
        if folder not in self._known:
            self._known[folder] = _repository(Path(folder or ""))
        return self._known[folder]


def _repository(folder: Path) -> str | None:
    try:
        url = GitRepository(folder).remote_url("origin") if folder.is_absolute() and folder.is_dir() else None
        return str(parse_repository(url)) if url else None
    except (BadInputError, OSError):  # the folder may belong to another user, or the path to another machine
        return None
