"""Gemini CLI: `~/.gemini/tmp/*/chats/**/session-*.json` and `.jsonl`, sub-agents' chats in folders below.

Quirks:
- A response is a message of type `gemini` with `tokens`. A JSONL file repeats a message when it changes; the last one
  counts. `$set` records may hold messages, too. A message that `$rewindTo` took back was paid for all the same.
- Input includes the cached part but not the prompt tokens of tool use; output excludes thoughts.
- No request has the provider's id. A `.project_root` beside `chats` names the folder.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from service.imports.stores import values
from service.imports.stores.places import files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_bytes
from service.imports.stores.stored_request import StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.times import instant
from vocabulary.tokens import TokenCounts

SOURCE = "gemini-cli"
PROVIDER = "google"
VARIABLE = "GEMINI_CLI_HOME"
PATTERNS = ("*/chats/**/*.json", "*/chats/**/*.jsonl")
ROOT_FILE = ".project_root"
LONGEST_ROOT = 4_096


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the chats below a folder, or below Gemini CLI's."""
    if folder:
        return files_in([folder, folder / "tmp"], *PATTERNS)
    return files_in(variable_folders(VARIABLE, ".gemini", "tmp") or [home(".gemini", "tmp")], *PATTERNS)


def read(changed: Sequence[Path], _everything: Sequence[Path], problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of changed chats."""
    for path in changed:
        if (raw := read_bytes(path, problems)) is not None:
            yield from requests_of(raw, path, _project(path), problems)


def requests_of(raw: bytes, path: Path, folder: str | None, problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of one chat."""
    session = path.stem
    for number, record in _records(raw, path, problems):
        session = values.text(record.get("sessionId")) or session
        for message in (record, *values.members(record, "messages"), *values.members(record, "$set", "messages")):
            request = _request(message, session, folder)
            if request is not None:
                yield request
            elif _has_tokens(message):
                problems.add_record(path, number, "a response without id or time")


def _records(raw: bytes, path: Path, problems: Problems) -> Iterator[tuple[int, values.Object]]:
    if path.suffix == ".json":
        record = values.decode(raw)
        if record is not None:
            yield 1, record
        elif raw.strip():
            problems.add_record(path, 1)
        return
    for number, line in enumerate(raw.splitlines(), start=1):
        record = values.decode(line)
        if record is not None:
            yield number, record
        elif line.strip():
            problems.add_record(path, number)


def _has_tokens(message: Any) -> bool:
    return values.member(message, "type") == "gemini" and isinstance(values.member(message, "tokens"), dict)


def _request(message: Any, session: str, folder: str | None) -> StoredRequest | None:
    if not _has_tokens(message):
        return None
    identity, occurred_at = values.text(message.get("id")), instant(message.get("timestamp"))
    if identity is None or occurred_at is None:
        return None
    tokens = message["tokens"]
    read, prompt, tool, visible, thoughts = (
        values.count(tokens.get(name)) for name in ("cached", "input", "tool", "output", "thoughts")
    )
    counts = TokenCounts((prompt - read if read <= prompt else prompt) + tool, read, 0, visible, thoughts)
    return StoredRequest(
        source=SOURCE,
        key=f"{session}/{identity}",
        occurred_at=occurred_at,
        model=values.text(message.get("model")) or "",
        provider=PROVIDER,
        tokens=counts,
        session=session,
        folder=folder,
    )


def _project(path: Path) -> str | None:
    """Return the folder that the project of a chat stands for, if Gemini CLI wrote it down."""
    for parent in path.parents:
        if parent.name == "chats":
            try:
                with (parent.parent / ROOT_FILE).open(encoding="utf-8") as file:
                    return file.read(LONGEST_ROOT).strip() or None
            except (OSError, UnicodeError):
                return None
    return None
