"""Folders of generated transcripts with the mix of real ones: repeated records, large tool results, rare oddities."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

# Of a response: how often its record is written, and how long the tool result after it is, in characters.
REPEATS, REPEAT_WEIGHTS = (1, 2, 3, 4), (45, 35, 15, 5)
RESULTS, RESULT_WEIGHTS = (120, 1_500, 6_000, 40_000), (30, 45, 22, 3)
MODELS, MODEL_WEIGHTS = ("claude-opus-4-8", "claude-sonnet-5-5", "claude-haiku-4-5-20251001"), (50, 40, 10)
LINE_BREAKS = 25
BEGINNING = datetime(2026, 10, 1, 8, 0, 0, tzinfo=UTC)


def write_folder(folder: Path, size: int, files: int, seed: int = 1) -> int:
    """Write about `size` bytes of transcripts below `projects`; returns the bytes written."""
    draws = random.Random(seed)
    filler = _filler(draws)
    written = 0
    for number in range(files):
        target = round(size / files * draws.lognormvariate(-0.5, 1.0))
        project = folder / "projects" / f"-nonexistent-project-{number % 40}"
        project.mkdir(parents=True, exist_ok=True)
        session = str(UUID(int=draws.getrandbits(128)))
        with (project / f"{session}.jsonl").open("w") as file:
            length = 0
            for record in _session(draws, filler, session, number % 40):
                length += file.write(json.dumps(record, separators=(",", ":")) + "\n")
                if length >= target:
                    break
        written += length
    return written


def _filler(draws: random.Random) -> str:
    words = ["def", "return", "import", "self", "=", "(", ")", '"usage"', "{", "}", "\\n", "0x1f", "# why", "é"]
    words += ["".join(draws.choices("abcdefghijklmnopqrstuvwxyz_", k=draws.randint(2, 12))) for _ in range(2_000)]
    parts = draws.choices(words, k=40_000)
    return " ".join(f"{part}\n" if place % LINE_BREAKS == 0 else part for place, part in enumerate(parts))


def _session(draws: random.Random, filler: str, session: str, project: int) -> Iterator[dict[str, object]]:
    at = BEGINNING + timedelta(minutes=draws.randint(0, 60_000))
    cached = draws.randint(12_000, 30_000)
    while True:
        at += timedelta(seconds=draws.randint(3, 90))
        base = {
            "parentUuid": str(UUID(int=draws.getrandbits(128))),
            "isSidechain": False,
            "userType": "external",
            "cwd": f"/nonexistent/project-{project}",
            "sessionId": session,
            "version": "2.1.332",
            "gitBranch": f"topic-{project}",
        }
        yield from _response(draws, filler, base, at, cached)
        result = _text(draws, filler, draws.choices(RESULTS, RESULT_WEIGHTS)[0])
        content = [{"tool_use_id": f"toolu_{draws.getrandbits(64):x}", "type": "tool_result", "content": result}]
        yield {
            **base,
            "type": "user",
            "message": {"role": "user", "content": content},
            "uuid": str(UUID(int=draws.getrandbits(128))),
            "timestamp": _time(at + timedelta(seconds=2)),
            "toolUseResult": {"stdout": result, "stderr": "", "interrupted": False},
        }
        cached = cached + draws.randint(500, 4_000) if cached < 150_000 else 20_000


def _response(
    draws: random.Random, filler: str, base: dict[str, object], at: datetime, cached: int
) -> Iterator[dict[str, object]]:
    message, request = f"msg_01{draws.getrandbits(80):x}", f"req_011{draws.getrandbits(80):x}"
    model = draws.choices(MODELS, MODEL_WEIGHTS)[0]
    written, output = draws.randint(200, 4_000), draws.randint(30, 1_500)
    repeats = draws.choices(REPEATS, REPEAT_WEIGHTS)[0]
    for repeat in range(repeats):
        usage = {
            "input_tokens": draws.randint(1, 12) if repeat == 0 else 4,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": cached,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": written},
            "output_tokens": output if repeat == repeats - 1 else 3,
            "service_tier": "standard",
            "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        }
        yield {
            **base,
            "message": {
                "model": model,
                "id": message,
                "type": "message",
                "role": "assistant",
                "content": [{"type": "text", "text": _text(draws, filler, draws.choice((80, 400, 1_500)))}],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": usage,
            },
            "requestId": request,
            "type": "assistant",
            "uuid": str(UUID(int=draws.getrandbits(128))),
            "timestamp": _time(at + timedelta(milliseconds=300 * repeat)),
        }


def _text(draws: random.Random, filler: str, length: int) -> str:
    start = draws.randrange(len(filler) - length)
    return filler[start : start + length]


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
