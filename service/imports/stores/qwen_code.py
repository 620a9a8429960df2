"""Qwen Code: `~/.qwen/projects/*/chats/*.jsonl`.

Quirks:
- A record of type `assistant` with `usageMetadata` is one request. Input includes the cache; output includes thoughts
  where the provider's does, which the total tells. `system` records repeat the counts as telemetry and are not read.
- Resumed and forked chats copy records with their `uuid`, so it names a request in all of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from service.imports.stores import values
from service.imports.stores.places import files_in, home, variable_folders
from service.imports.stores.problems import Problems, read_lines
from service.imports.stores.stored_request import StoredRequest
from service.imports.transcripts.folders import TranscriptFile
from service.imports.transcripts.times import instant
from service.telemetry.reading.usage import Nesting, Usage, split

SOURCE = "qwen-code"
VARIABLE = "QWEN_DATA_DIR"
PATTERNS = ("projects/*/chats/*.jsonl", "*/chats/*.jsonl", "chats/*.jsonl")
COUNTS = ("promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
TOOL, WRITTEN, TOTAL = "toolUsePromptTokenCount", "cacheCreationInputTokens", "totalTokenCount"
_USAGE = b'"usageMetadata"'


def find(folder: Path | None) -> list[TranscriptFile]:
    """Return the chats below a folder, or below Qwen Code's."""
    return files_in([folder] if folder else variable_folders(VARIABLE) or [home(".qwen")], *PATTERNS)


def read(changed: Sequence[Path], _everything: Sequence[Path], problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of changed chats."""
    for path in changed:
        yield from requests_of(read_lines(path, problems), path, problems)


def requests_of(lines: Iterable[tuple[int, bytes]], path: Path, problems: Problems) -> Iterator[StoredRequest]:
    """Yield the requests of one chat."""
    for number, line in lines:
        if _USAGE not in line:
            continue
        record = values.decode(line)
        if record is None:
            problems.add_record(path, number)
            continue
        usage = record.get("usageMetadata")
        if record.get("type") != "assistant" or not isinstance(usage, dict):
            continue
        prompt, read, output, thoughts = (values.count(usage.get(name)) for name in COUNTS)
        written, tool, total = (values.count(usage.get(name)) for name in (WRITTEN, TOOL, TOTAL))
        tokens = split(Usage(prompt + tool, read, written, output, thoughts, total), Nesting.WITHIN)
        if not tokens.total:
            continue
        occurred_at, identity = instant(record.get("timestamp")), values.text(record.get("uuid"))
        if occurred_at is None or identity is None:
            problems.add_record(path, number, "a response without id or time")
            continue
        yield StoredRequest(
            source=SOURCE,
            key=identity,
            occurred_at=occurred_at,
            model=values.text(record.get("model")) or "",
            tokens=tokens,
            session=values.text(record.get("sessionId")) or path.stem,
            folder=values.text(record.get("cwd")),
        )
