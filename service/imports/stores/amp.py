"""Amp: `~/.local/share/amp/threads/T-*.json`.

Quirks:
- `usageLedger.events[]` has a request each, with input and output; what it read from and wrote to the cache stands in
  the usage of the message that it made (`toMessageId`).
- Threads without a ledger have the usage in their assistant messages. Input excludes the cache in both.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from service.imports.stores import values
from service.imports.stores.places import data_folder, files_in, variable_folders
from service.imports.stores.problems import Problems, read_bytes
from service.imports.stores.stored_request import StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.times import instant
from vocabulary.tokens import TokenCounts

SOURCE = "amp"
VARIABLE = "AMP_DATA_DIR"
PATTERNS = ("threads/**/T-*.json", "T-*.json")


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the threads below a folder, or below Amp's."""
    return files_in([folder] if folder else variable_folders(VARIABLE) or [data_folder("amp")], *PATTERNS)


def read(changed: Sequence[Path], _everything: Sequence[Path], problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of changed threads."""
    for path in changed:
        raw = read_bytes(path, problems)
        thread = values.decode(raw) if raw is not None else None
        if thread is not None:
            yield from requests_of(thread, path, problems)
        elif raw is not None:
            problems.add_record(path, 1)


def requests_of(thread: values.Object, path: Path, problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of one thread."""
    identity, folder = values.text(thread.get("id")) or path.stem, _folder(thread)
    messages = [each for each in values.members(thread, "messages") if values.member(each, "role") == "assistant"]
    usages = {str(message.get("messageId")): message.get("usage") for message in messages}
    if events := values.members(thread, "usageLedger", "events"):
        found = ((event, *_of_event(event, usages)) for event in events)
    else:
        found = ((message, *_of_message(message)) for message in messages if message.get("usage"))
    for number, (record, name, at, model, tokens) in enumerate(found, start=1):
        occurred_at = instant(at)
        if not tokens.total:
            continue
        if occurred_at is None:
            problems.add_record(path, number, "a request without a usable time")
            continue
        yield StoredRequest(
            source=SOURCE,
            key=f"{identity}/{name or values.text(record.get('timestamp')) or number}",
            occurred_at=occurred_at,
            model=model,
            tokens=tokens,
            session=identity,
            folder=folder,
        )


def _of_event(event: Any, usages: Mapping[str, Any]) -> tuple[str, Any, str, TokenCounts]:
    tokens, usage = values.member(event, "tokens"), usages.get(str(values.member(event, "toMessageId")))
    read = values.count(values.member(usage, "cacheReadInputTokens"))
    written = values.count(values.member(usage, "cacheCreationInputTokens"))
    counts = TokenCounts(
        values.count(values.member(tokens, "input")), read, written, values.count(values.member(tokens, "output")), 0
    )
    name = values.text(values.member(event, "id")) or ""
    return name, values.member(event, "timestamp"), values.text(values.member(event, "model")) or "", counts


def _of_message(message: Any) -> tuple[str, Any, str, TokenCounts]:
    usage = values.member(message, "usage")
    counts = TokenCounts(*(values.count(values.member(usage, name)) for name in _NAMES))
    at = values.member(usage, "timestamp") or values.member(message, "timestamp")
    model = values.text(values.member(usage, "model")) or values.text(values.member(message, "model")) or ""
    return f"message/{values.member(message, 'messageId')}", at, model, counts


_NAMES = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens")


def _folder(thread: values.Object) -> str | None:
    """Return the first folder that the thread was opened in, which it names as a URI."""
    trees = values.members(thread, "env", "initial", "trees")
    uri = values.text(values.member(trees[0], "uri")) if trees else None
    try:
        parts = urlsplit(uri) if uri else None
    except ValueError:
        return None
    return unquote(parts.path) if parts and parts.scheme == "file" else None
