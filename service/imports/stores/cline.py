"""Cline and its kin: tasks of the VS Code extensions, and sessions of Cline's command line.

Quirks:
- `globalStorage/<extension>/tasks/<id>/ui_messages.json`: each message `api_req_started` holds JSON with the counts of
  a request; `deleted_api_reqs` sums requests of messages that were taken back. Input excludes the cache.
- The model stands in the message, else in `task_metadata.json`, which lists when which model was used.
- `~/.cline/data/sessions/<id>/<id>.messages.json`: each message with `metrics` is a request.
- A task may stand in several editors; its copies have the same id and times.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from service.imports.stores import values
from service.imports.stores.places import editor_storages, files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_bytes
from service.imports.stores.stored_request import StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.times import instant
from vocabulary.tokens import TokenCounts

SOURCE = "cline"
# The source of each extension's requests.
EXTENSIONS = {
    "saoudrizwan.claude-dev": SOURCE,
    "rooveterinaryinc.roo-cline": "roo-code",
    "kilocode.kilo-code": "kilo-code",
}
VARIABLE = "CLINE_DIR"
TASKS, METADATA = "ui_messages.json", "task_metadata.json"
TASK_FILES, SESSION_FILES = f"tasks/*/{TASKS}", "sessions/*/*.messages.json"
REQUESTS = {"api_req_started", "deleted_api_reqs", "subagent_usage"}
COUNTS = ("tokensIn", "cacheReads", "cacheWrites", "tokensOut")
METRICS = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens")


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return tasks and sessions below a folder, or those of all editors and of Cline."""
    if folder:
        return files_in([folder, folder / "data"], TASK_FILES, SESSION_FILES)
    own = variable_folders(VARIABLE, "data") or [home(".cline", "data")]
    storages = [storage / extension for extension in EXTENSIONS for storage in editor_storages()]
    return files_in([*own, *storages], TASK_FILES, SESSION_FILES)


def read(changed: Sequence[Path], _everything: Sequence[Path], problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of changed tasks and sessions."""
    for path in changed:
        raw = read_bytes(path, problems)
        if raw is None:
            continue
        if path.name != TASKS:
            yield from requests_of_session(raw, path, problems)
            continue
        metadata = path.with_name(METADATA)
        listed = read_bytes(metadata, problems) if metadata.is_file() else None
        yield from requests_of_task(raw, listed, path, problems)


def requests_of_task(raw: bytes, metadata: bytes | None, path: Path, problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of one task of an extension."""
    listed = values.decode(b'{"messages":%b}' % raw)
    if listed is None:
        problems.add_record(path, 1)
        return
    task, models = path.parent.name, _Models(metadata)
    source = EXTENSIONS.get(path.parents[2].name if len(path.parents) > 2 else "", SOURCE)  # noqa: PLR2004
    for number, message in enumerate(values.members(listed, "messages"), start=1):
        if values.member(message, "say") not in REQUESTS:
            continue
        counts = values.decode(values.text(values.member(message, "text")) or "{}")
        if counts is None:
            problems.add_record(path, number)
            continue
        tokens = TokenCounts(*(values.count(counts.get(name)) for name in COUNTS))
        occurred_at = instant(message.get("ts"))
        if not tokens.total:
            continue
        if occurred_at is None:
            problems.add_record(path, number, "a request without a usable time")
            continue
        provider, model = models.of(message)
        yield StoredRequest(
            source=source,
            key=f"{task}/{message['say']}/{message['ts']}",
            occurred_at=occurred_at,
            model=model,
            provider=provider,
            tokens=tokens,
            session=task,
        )


def requests_of_session(raw: bytes, path: Path, problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of one session of the command line."""
    listed = values.decode(raw)
    if listed is None:
        problems.add_record(path, 1)
        return
    session = values.text(listed.get("sessionId")) or path.parent.name
    for number, message in enumerate(values.members(listed, "messages"), start=1):
        metrics = values.member(message, "metrics")
        tokens = TokenCounts(*(values.count(values.member(metrics, name)) for name in METRICS))
        if not tokens.total:
            continue
        occurred_at = instant(message.get("ts")) or instant(message.get("timestamp"))
        occurred_at = occurred_at or instant(message.get("createdAt")) or instant(listed.get("updated_at"))
        if occurred_at is None:
            problems.add_record(path, number, "a request without a usable time")
            continue
        yield StoredRequest(
            source=SOURCE,
            key=f"{session}/{values.text(message.get('id')) or number}",
            occurred_at=occurred_at,
            model=values.text(values.member(message, "modelInfo", "id")) or "",
            provider=values.text(values.member(message, "modelInfo", "provider")) or "",
            tokens=tokens,
            session=session,
        )


class _Models:
    """Which model a task used when, from its metadata."""

    def __init__(self, metadata: bytes | None) -> None:
        listed = values.decode(metadata) if metadata else None
        used = [
            (at, each)
            for each in values.members(listed, "model_usage")
            if values.text(values.member(each, "model_id")) and (at := instant(each.get("ts")))
        ]
        self._used = sorted(used, key=lambda each: each[0])

    def of(self, message: Any) -> tuple[str, str]:
        """Return provider and model of a message; empty where nothing names them."""
        named = values.text(values.member(message, "modelInfo", "modelId"))
        if named:
            return values.text(values.member(message, "modelInfo", "providerId")) or "", named
        at = instant(values.member(message, "ts"))
        before = [each for used_at, each in self._used if at and used_at <= at] or [each for _, each in self._used[:1]]
        if not before:
            return "", ""
        return values.text(before[-1].get("model_provider_id")) or "", before[-1]["model_id"]
