"""Kimi: `~/.kimi/sessions/**/wire.jsonl`, and `~/.kimi-code/sessions/**/wire.jsonl` of its successor.

Quirks:
- Kimi CLI writes `StatusUpdate` messages with `token_usage`, Kimi Code `usage.record` events with `usage`. All kinds
  are disjoint; neither tells reasoning.
- Each agent of a session has a wire of its own; what a parent repeats of its sub-agents has other types.
- Sessions were moved from one to the other, some twice. So a request is known by its time, in milliseconds, and counts.
- Kimi Code records the alias of a model; `llm.request` says which model that is. Kimi CLI has it in `config.toml`.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from service.imports.stores import values
from service.imports.stores.places import files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_lines
from service.imports.stores.stored_request import StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.times import instant
from vocabulary.tokens import TokenCounts

SOURCE = "kimi"
PROVIDER = "moonshotai"
VARIABLES = ("KIMI_SHARE_DIR", "KIMI_CODE_HOME")
WIRES = ("sessions/**/wire.jsonl", "**/wire.jsonl")
SETTINGS = "config.toml"
CLI_COUNTS = ("input_other", "input_cache_read", "input_cache_creation", "output")
CODE_COUNTS = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
_READ = (b'"token_usage"', b'"usage.record"', b'"llm.request"')


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the wires below a folder, or below those of Kimi CLI and Kimi Code."""
    if folder:
        return files_in([folder], WIRES[1])
    named = [each for variable in VARIABLES for each in variable_folders(variable)]
    return files_in(named or [home(".kimi"), home(".kimi-code")], WIRES[0])


def read(changed: Sequence[Path], _everything: Sequence[Path], problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of changed wires."""
    models: dict[Path | None, str] = {}
    for path in changed:
        root = next((parent.parent for parent in path.parents if parent.name == "sessions"), None)
        if root not in models:
            models[root] = default_model(root)
        yield from requests_of(read_lines(path, problems), path, models[root], problems)


def requests_of(
    lines: Iterable[tuple[int, bytes]], path: Path, model: str, problems: Problems
) -> Iterator[StoredRequest]:
    """Yield the requests of one wire; `model` is that of requests which name none."""
    aliases: dict[str, str] = {}
    for number, line in lines:
        if not any(each in line for each in _READ):
            continue
        record = values.decode(line)
        if record is None:
            problems.add_record(path, number)
            continue
        if record.get("type") == "llm.request":
            model = values.text(record.get("model")) or model
            if alias := values.text(record.get("modelAlias")):
                aliases[alias] = model
            continue
        tokens, at, alias = _usage(record)
        if not tokens.total:
            continue
        occurred_at = instant(at)
        if occurred_at is None:
            problems.add_record(path, number, "a request without a usable time")
            continue
        yield StoredRequest(
            source=SOURCE,
            key=f"{_milliseconds(occurred_at)}/{'/'.join(map(str, tokens))}",
            occurred_at=occurred_at,
            model=aliases.get(alias, model),
            provider=PROVIDER,
            tokens=tokens,
            session=_session(path),
        )


def default_model(root: Path | None) -> str:
    """Return the model that the settings of Kimi CLI name; empty without them."""
    try:
        settings: Any = tomllib.loads(((root or Path()) / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    alias = values.text(values.member(settings, "default_model")) or ""
    return values.text(values.member(settings, "models", alias, "model")) or alias


def _usage(record: values.Object) -> tuple[TokenCounts, Any, str]:
    """Return the tokens of a record, its time, and the alias of its model."""
    if record.get("type") == "usage.record":
        usage, names = record.get("usage"), CODE_COUNTS
        at, alias = record.get("time"), values.text(record.get("model")) or ""
    else:
        message = record.get("message")
        is_status = values.member(message, "type") == "StatusUpdate"
        usage, names = values.member(message, "payload", "token_usage") if is_status else None, CLI_COUNTS
        at, alias = record.get("timestamp"), ""
    return TokenCounts(*(values.count(values.member(usage, name)) for name in names)), at, alias


def _session(path: Path) -> str:
    """Return the id of a session: the folder above those of its agents."""
    folder = path.parent
    return folder.parents[1].name if folder.parent.name in {"agents", "subagents"} else folder.name


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000)
