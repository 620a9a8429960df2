"""Codex: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl` and `archived_sessions/`, or the folders in CODEX_HOME.

Quirks:
- `token_count` events hold the usage of the last request and the total of the session. They are repeated with the same
  total, as when rate limits change or the context is compacted; only a changed total is a request.
- Input includes cache reads and writes, output includes reasoning.
- The model is that of the latest `turn_context`. Only the first `session_meta` is the file's own.
- `session_meta.git` is written when a session starts and never again. Git's answers to the session's commands, such as
  `[branch sha]`, say where it went; nothing else of them is read.
- A session may stand both in `sessions` and in `archived_sessions`, and forks repeat their parents: see rollout_forks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from service.imports.stores import values
from service.imports.stores.places import files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_lines
from service.imports.stores.rollout_forks import NO_RESPONSE_BEFORE, Rollout, UsageCount, first_own
from service.imports.stores.rollout_shell import RolloutShell
from service.imports.stores.stored_request import StoredMark, StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.git_marks import GitMark
from service.imports.transcripts.times import instant
from service.telemetry.reading.usage import Nesting, Usage, split
from vocabulary.tokens import TokenCounts

SOURCE = "codex"
PROVIDER = "openai"
START = "start"
VARIABLE = "CODEX_HOME"
PATTERNS = ("sessions/**/rollout-*.jsonl", "archived_sessions/**/rollout-*.jsonl", "rollout-*.jsonl")

COUNTS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)
# The only lines that are decoded.
_META, _TURN, _TOKENS = b'"session_meta"', b'"turn_context"', b'"token_count"'


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the rollouts below a folder, or below those of Codex; active ones come before archived ones."""
    folders = [folder] if folder else variable_folders(VARIABLE) or [home(".codex")]
    return files_in(folders, *PATTERNS)


def read(
    changed: Sequence[Path], everything: Sequence[Path], problems: Problems
) -> Iterator[StoredRequest | StoredMark]:
    """Yield the requests of changed rollouts; their parents are looked up among everything."""
    rollouts: dict[Path, Rollout] = {}

    def rollout_at(path: Path) -> Rollout:
        if path not in rollouts:
            rollouts[path] = read_rollout(read_lines(path, problems), path, problems)
        return rollouts[path]

    for path in changed:
        rollout = rollout_at(path)
        parent = _parent(rollout, path, everything)
        yield from requests_of(rollout, rollout_at(parent) if parent else None)
        yield from marks_of(rollout)


def read_rollout(lines: Iterable[tuple[int, bytes]], path: Path, problems: Problems) -> Rollout:
    """Read the lines of a rollout that hold its session, models and counts."""
    rollout, model = Rollout(thread=path.stem), ""
    is_own = True
    shell: RolloutShell | None = None
    for number, line in lines:
        if shell and shell.is_wanted(line):
            shell.read(line)
            continue
        if _TOKENS not in line and _TURN not in line and _META not in line:
            continue
        record = values.decode(line)
        if record is None:
            problems.add_record(path, number)
            continue
        kind, payload = record.get("type"), record.get("payload")
        if kind == "turn_context":
            model = values.text(values.member(payload, "model")) or model
        elif kind == "session_meta" and is_own:
            is_own = False
            _read_session(rollout, record)
            shell = RolloutShell(rollout.thread, rollout.folder, rollout.branch)
        elif kind == "event_msg" and values.member(payload, "type") == "token_count":
            rollout.counts.extend(_usage_counts(record, model))
    rollout.marks = shell.marks if shell else []
    return rollout


def marks_of(rollout: Rollout) -> Iterator[StoredMark]:
    """Yield where a session started, and what it did with Git after a copy of its parent's history."""
    created = rollout.created_at
    if created and rollout.branch:
        start = GitMark(rollout.thread, created, rollout.folder or "", START, rollout.branch)
        yield StoredMark(SOURCE, msgspec.structs.replace(start, repository=rollout.repository))
    for mark in rollout.marks:
        if not rollout.parent or (created and mark.occurred_at > created + NO_RESPONSE_BEFORE):
            repository = mark.repository or (rollout.repository if mark.folder == rollout.folder else None)
            yield StoredMark(SOURCE, msgspec.structs.replace(mark, repository=repository))


def requests_of(rollout: Rollout, parent: Rollout | None) -> Iterator[StoredRequest]:
    """Yield the requests that a session made itself."""
    begins = first_own(rollout, parent)
    before = next((each.total for each in reversed(rollout.counts[:begins]) if each.total), None)
    for each in rollout.counts[begins:]:
        used = _used(each, before)
        before = each.total or before
        if used is None or each.occurred_at is None:
            continue
        tokens = split(Usage(*used), Nesting.WITHIN, Nesting.WITHIN)
        if not tokens.total:
            continue
        yield StoredRequest(
            source=SOURCE,
            key=f"{rollout.thread}/{each.occurred_at.isoformat()}/{each.total}/{each.last}",
            occurred_at=each.occurred_at,
            model=each.model,
            provider=PROVIDER,
            tokens=TokenCounts(*tokens),
            session=rollout.thread,
            folder=rollout.folder,
            repository=rollout.repository,
        )


def _used(each: UsageCount, before: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return the usage of one request, or None if the count repeats what was counted."""
    if each.total is not None and each.total == before:
        return None
    if each.last is not None:
        return each.last
    if each.total is None or before is None:
        return each.total
    grown = tuple(new - old for new, old in zip(each.total, before, strict=True))
    # A total that falls starts again from 0.
    return grown if min(grown) >= 0 else each.total


def _usage_counts(record: Mapping[str, Any], model: str) -> Iterator[UsageCount]:
    info = values.member(record, "payload", "info")
    total, last = _counts(values.member(info, "total_token_usage")), _counts(values.member(info, "last_token_usage"))
    if total is not None or last is not None:
        ordinal = record.get("ordinal")
        yield UsageCount(
            instant(record.get("timestamp")), ordinal if isinstance(ordinal, int) else None, model, total, last
        )


def _counts(usage: Any) -> tuple[int, ...] | None:
    return tuple(values.count(usage.get(name)) for name in COUNTS) if isinstance(usage, dict) else None


def _read_session(rollout: Rollout, record: Mapping[str, Any]) -> None:
    meta = record.get("payload")
    spawned_by = values.text(values.member(meta, "source", "subagent", "thread_spawn", "parent_thread_id"))
    rollout.thread = values.text(values.member(meta, "id")) or rollout.thread
    rollout.parent = (
        values.text(values.member(meta, "forked_from_id"))
        or values.text(values.member(meta, "parent_thread_id"))
        or spawned_by
    )
    rollout.created_at = instant(values.member(meta, "timestamp")) or instant(record.get("timestamp"))
    start = values.member(meta, "subagent_history_start_ordinal")
    start = start if start is not None else values.member(meta, "history_base", "end_ordinal_exclusive")
    rollout.own_ordinal = start if isinstance(start, int) else None
    rollout.folder = values.text(values.member(meta, "cwd"))
    rollout.repository = values.repository(values.member(meta, "git", "repository_url"))
    rollout.branch = values.text(values.member(meta, "git", "branch"))


def _parent(rollout: Rollout, path: Path, everything: Sequence[Path]) -> Path | None:
    """Return the rollout that a fork names; the id of a session ends the name of its file."""
    if not rollout.parent:
        return None
    return next((each for each in everything if each.stem.endswith(rollout.parent) and each != path), None)
