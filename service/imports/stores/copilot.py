"""GitHub Copilot CLI: `~/.copilot/session-store.db`, else `session-state/*/events.jsonl`.

Quirks:
- The table `assistant_usage_events` has a row for each request, also after a crash, and decides. Input includes the
  cache, output includes reasoning. Its columns grew over the versions.
- Where the database has no row of a session, its events have sums: each `session.shutdown` has those of the session up
  to then, by model. They grow when a session is resumed, and start again from 0 when its context is compacted.
- Times without a zone are UTC. `sessions` has folder, repository and branch of the start.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from service.imports.stores import values
from service.imports.stores.places import files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_lines
from service.imports.stores.sqlite_rows import columns_of, rows_of
from service.imports.stores.stored_request import StoredMark, StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.git_marks import GitMark
from service.imports.transcripts.times import instant
from service.telemetry.reading.usage import Nesting, Usage, split
from vocabulary.tokens import TokenCounts

SOURCE = "copilot"
START = "start"
VARIABLE = "COPILOT_HOME"
DATABASE = "session-store.db"
PATTERNS = (DATABASE, "session-state/*/events.jsonl", "session-state/*.jsonl")

COUNTS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
OF_SESSION = ("cwd", "repository", "branch")
SUMS = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens")
_SHUTDOWN, _START = b'"session.shutdown"', b'"session.start"'


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the database and the events below a folder, or below Copilot's; the database comes first."""
    return files_in([folder] if folder else variable_folders(VARIABLE) or [home(".copilot")], *PATTERNS)


def read(
    changed: Sequence[Path], everything: Sequence[Path], problems: Problems
) -> Iterator[StoredRequest | StoredMark]:
    """Yield the requests of a changed database, and the sums of changed events whose sessions it does not have."""
    known: set[str] = set()
    for path in everything:
        if path.name == DATABASE:
            for found in _requests(path, problems):
                if isinstance(found, StoredRequest):
                    known.add(found.session or "")
                if path in changed:
                    yield found
    for path in changed:
        if path.name != DATABASE and _session(path) not in known:
            yield from sums_of(read_lines(path, problems), _session(path), path, problems)


def _requests(path: Path, problems: Problems) -> Iterator[StoredRequest | StoredMark]:
    columns, of_sessions = columns_of(path, "assistant_usage_events"), columns_of(path, "sessions")
    if not {"id", "session_id"} <= columns:
        return
    chosen = [f"e.{name}" if name in columns else "NULL" for name in ("model", "created_at", *COUNTS)]
    chosen += [f"s.{name}" if name in of_sessions else "NULL" for name in OF_SESSION]
    source = "assistant_usage_events AS e"
    if "id" in of_sessions:
        source += " LEFT JOIN sessions AS s ON s.id = e.session_id"
    else:
        chosen[-len(OF_SESSION) :] = ["NULL"] * len(OF_SESSION)
    query = f"SELECT e.id, e.session_id, {', '.join(chosen)} FROM {source} ORDER BY e.id"  # noqa: S608 - fixed names
    begun: set[str] = set()
    for identity, session, model, created_at, *rest in rows_of(path, query, problems):
        counts, (folder, repository, branch) = rest[: len(COUNTS)], rest[len(COUNTS) :]
        tokens, occurred_at = _tokens(counts), instant(created_at)
        if occurred_at is None and tokens.total:
            problems.add_record(path, str(identity), "a request without a usable time")
        if occurred_at is None or not tokens.total or not isinstance(session, str):
            continue
        yield StoredRequest(
            source=SOURCE,
            key=f"{session}/{identity}/{occurred_at.isoformat()}/{'/'.join(map(str, tokens))}",
            occurred_at=occurred_at,
            model=values.text(model) or "",
            tokens=tokens,
            session=session,
            folder=values.text(folder),
            repository=values.repository(repository),
        )
        started_on = values.text(branch)
        if started_on and session not in begun:
            start = GitMark(session, occurred_at, values.text(folder) or "", START, started_on)
            yield StoredMark(SOURCE, msgspec.structs.replace(start, repository=values.repository(repository)))
        begun.add(session)


def sums_of(lines: Any, session: str, path: Path, problems: Problems) -> Iterator[StoredRequest]:
    """Yield what each part of a session used by model, from the sums at its ends."""
    before: dict[str, tuple[int, ...]] = {}
    folder: str | None = None
    number = 0
    for line_number, line in lines:
        if _SHUTDOWN not in line and _START not in line:
            continue
        record = values.decode(line)
        if record is None:
            problems.add_record(path, line_number)
            continue
        if record.get("type") == "session.start":
            folder = values.text(values.member(record, "data", "context", "cwd")) or folder
        if record.get("type") != "session.shutdown":
            continue
        number += 1
        sums = values.member(record, "data", "modelMetrics")
        for model, metrics in sums.items() if isinstance(sums, dict) else ():
            summed = tuple(values.count(values.member(metrics, "usage", name)) for name in SUMS)
            grown = tuple(new - old for new, old in zip(summed, before.get(model, (0,) * len(SUMS)), strict=True))
            before[model] = summed
            tokens = _tokens(grown if min(grown) >= 0 else summed)
            occurred_at = instant(record.get("timestamp"))
            if not tokens.total:
                continue
            if occurred_at is None:
                problems.add_record(path, line_number, "sums without a usable time")
                continue
            yield StoredRequest(
                source=SOURCE,
                key=f"{session}/shutdown/{number}/{model}",
                occurred_at=occurred_at,
                model=model,
                tokens=tokens,
                session=session,
                folder=folder,
            )


def _tokens(counts: Sequence[object]) -> TokenCounts:
    return split(Usage(*map(values.count, counts)), Nesting.WITHIN, Nesting.WITHIN)


def _session(path: Path) -> str:
    return path.parent.name if path.name == "events.jsonl" else path.stem
