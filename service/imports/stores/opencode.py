"""OpenCode: `~/.local/share/opencode/opencode*.db`, and `storage/message/**` of older versions.

Quirks:
- A message of role `assistant` is one request. Kinds of tokens are disjoint; where `total` says that output includes
  reasoning, that is so.
- The database repeats what older versions left in files; its messages count.
- Sub-agents are sessions of their own with a `parent_id`, and so are their messages.
- A part of type `tool` has what the shell was given and answered. Only Git's answers to its commands are read.
- `time.completed` is the end of the request. `path.cwd` is where it ran.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from service.imports.stores import values
from service.imports.stores.places import data_folder, files_in, variable_folders
from service.imports.stores.problems import Problems, read_bytes
from service.imports.stores.sqlite_rows import columns_of, rows_of
from service.imports.stores.stored_request import StoredMark, StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.git_commands import git_commands
from service.imports.transcripts.git_marks import Places
from service.imports.transcripts.times import instant
from service.telemetry.reading.usage import Nesting, Usage, split
from vocabulary.tokens import TokenCounts

SOURCE = "opencode"
VARIABLE = "OPENCODE_DATA_DIR"
DATABASE = ".db"
PATTERNS = ("opencode*.db", "storage/message/**/*.json")
MESSAGES = "SELECT id, session_id, data FROM message"
FOLDERS = "SELECT id, directory FROM session"
# Ids of parts are in the order in which they were made.
PARTS = """
    SELECT session_id, data FROM part
     WHERE data LIKE '%"tool"%' AND (data LIKE '%git %' OR data LIKE '%gh pr create%' OR data LIKE '%glab mr create%')
     ORDER BY id
"""


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return databases and messages below a folder, or below OpenCode's; databases come first."""
    folders = [folder] if folder else variable_folders(VARIABLE) or [data_folder("opencode")]
    return files_in(folders, *PATTERNS)


def read(
    changed: Sequence[Path], _everything: Sequence[Path], problems: Problems
) -> Iterator[StoredRequest | StoredMark]:
    """Yield the requests of changed databases and messages, those of databases first, and what was done with Git."""
    seen: set[str] = set()
    for path in sorted(changed, key=lambda each: each.suffix != DATABASE):
        for request in _requests(path, problems):
            if path.suffix == DATABASE:
                seen.add(request.key)
                yield request
            elif request.key not in seen:
                yield request
        if path.suffix == DATABASE:
            yield from _marks(path, problems)


def _requests(path: Path, problems: Problems) -> Iterator[StoredRequest]:
    if path.suffix == DATABASE:
        messages = rows_of(path, MESSAGES, problems)
    else:
        raw = read_bytes(path, problems)
        messages = iter([(None, None, raw)] if raw is not None else [])
    for identity, session, data in messages:
        message = values.decode(data) if isinstance(data, bytes | str) else None
        if message is None:
            problems.add_record(path, str(identity or 1))
        elif request := request_of(message, values.text(identity), values.text(session)):
            yield request


def _marks(path: Path, problems: Problems) -> Iterator[StoredMark]:
    if not {"session_id", "data"} <= columns_of(path, "part"):
        return
    folders: dict[object, object] = {}
    if {"id", "directory"} <= columns_of(path, "session"):
        folders = dict(rows_of(path, FOLDERS, problems))  # type: ignore[arg-type]
    sessions: dict[str, Places] = {}
    for session, data in rows_of(path, PARTS, problems):
        part = values.decode(data) if isinstance(data, bytes | str) else None
        state = values.member(part, "state")
        command, at = (
            values.text(values.member(state, "input", "command")),
            instant(values.member(state, "time", "end")),
        )
        if not isinstance(session, str) or command is None or at is None or state.get("status") != "completed":
            continue
        folder = values.text(values.member(state, "input", "workdir")) or values.text(folders.get(session)) or ""
        places = sessions.setdefault(session, Places(session))
        places.work_in(folder, at)
        places.answer(git_commands(command, folder), values.text(state.get("output")) or "", at)
    for places in sessions.values():
        yield from (StoredMark(SOURCE, mark) for mark in places.marks)


def request_of(message: values.Object, identity: str | None, session: str | None) -> StoredRequest | None:
    """Return the request of a message, or None if it has no tokens."""
    if message.get("role") != "assistant":
        return None
    tokens = _tokens(message.get("tokens"))
    times = message.get("time")
    occurred_at = instant(values.member(times, "completed")) or instant(values.member(times, "created"))
    identity = identity or values.text(message.get("id"))
    session = session or values.text(message.get("sessionID"))
    if not tokens.total or occurred_at is None or identity is None:
        return None
    return StoredRequest(
        source=SOURCE,
        key=f"{session}/{identity}",
        occurred_at=occurred_at,
        model=values.text(message.get("modelID")) or "",
        provider=values.text(message.get("providerID")) or "",
        tokens=tokens,
        session=session,
        folder=values.text(values.member(message, "path", "cwd")),
    )


def _tokens(tokens: Any) -> TokenCounts:
    counts = (values.count(values.member(tokens, *names)) for names in _NAMES)
    usage = Usage(*counts)
    within = usage.total and usage.total == usage.input + usage.cache_read + usage.cache_write + usage.output
    return split(usage, Nesting.BESIDE, Nesting.WITHIN if within else Nesting.BESIDE)


_NAMES = (("input",), ("cache", "read"), ("cache", "write"), ("output",), ("reasoning",), ("total",))
