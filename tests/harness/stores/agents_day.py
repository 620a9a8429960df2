"""One day of eight agents on one machine: each makes the same requests, so that what they used is known."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.harness.stores.codex_rollouts import BEGIN, ONE, ScriptedRollout
from tests.harness.stores.databases import copilot_database, opencode_database, opencode_message
from vocabulary.tokens import TokenCounts

# What one request used, as far as a store tells the kinds apart.
WHOLE = TokenCounts(300, 600, 100, 50, 30)
WITHOUT_REASONING = TokenCounts(300, 600, 100, 80, 0)
WITHOUT_WRITES = TokenCounts(400, 600, 0, 50, 30)
OF_AGENT = {
    "codex": WHOLE,
    "gemini": WITHOUT_WRITES,
    "opencode": WHOLE,
    "copilot": WHOLE,
    "amp": WITHOUT_REASONING,
    "cline": WITHOUT_REASONING,
    "qwen": WITHOUT_WRITES,
    "kimi": WITHOUT_REASONING,
}
TEXT = "CANARY said a person"


def write_day(home: Path, sessions: int = 2, requests: int = 3) -> None:
    """Write what each agent keeps below a user's folder."""
    for number in range(sessions):
        times = [
            BEGIN + timedelta(minutes=number * 7 % 400, seconds=number % 40 + 20 * (place + 1))
            for place in range(requests)
        ]
        name = f"{number:04d}-session"
        _codex(home / ".codex", name, times)
        _gemini(home / ".gemini/tmp/abc/chats", name, times)
        _amp(home / ".local/share/amp/threads", name, times)
        _cline(home / ".config/Code/User/globalStorage/saoudrizwan.claude-dev", name, times)
        _qwen(home / ".qwen/projects/-CANARY/chats", name, times)
        _kimi(home / ".kimi-code/sessions/wd_abc", name, times)
        messages = [opencode_message(place, name, _milliseconds(at)) for place, at in enumerate(times)]
        for message in messages:
            _write(home / f".local/share/opencode/storage/message/{name}/{message['id']}.json", [message])
        if number == 0:
            opencode_database(home / ".local/share/opencode/opencode.db", messages)
    begun = [(f"{number:04d}-session", BEGIN + timedelta(minutes=number)) for number in range(sessions)]
    rows = [(name, (at + timedelta(seconds=20 * place)).isoformat()) for name, at in begun for place in range(requests)]
    copilot_database(home / ".copilot/session-store.db", rows, ONE)


def lines(records: Iterable[Any]) -> str:
    """Return JSON lines."""
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


def gemini_message(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return a response in a chat of Gemini CLI."""
    tokens = {"input": 1_000, "output": 50, "cached": 600, "thoughts": 30, "tool": 0, "total": 1_080}
    record = {"id": f"message-{number}", "timestamp": at.isoformat(), "type": "gemini", "content": TEXT}
    return {**record, "model": "gemini-2.5-pro", "tokens": tokens, **changes}


def qwen_record(number: int, session: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return a response in a chat of Qwen Code."""
    usage = {"promptTokenCount": 1_000, "cachedContentTokenCount": 600, "candidatesTokenCount": 80}
    usage |= {"thoughtsTokenCount": 30, "totalTokenCount": 1_080}
    record = {"uuid": f"{session}-{number}", "sessionId": session, "timestamp": at.isoformat(), "type": "assistant"}
    return {**record, "cwd": "/CANARY/folder", "model": "qwen3-coder-plus", "usageMetadata": usage, **changes}


def kimi_record(at: datetime, **changes: Any) -> dict[str, Any]:
    """Return what Kimi Code records of a request."""
    usage = {"inputOther": 300, "inputCacheRead": 600, "inputCacheCreation": 100, "output": 80}
    return {"type": "usage.record", "time": _milliseconds(at), "model": "kimi-code/default", "usage": usage, **changes}


def amp_thread(session: str, times: Iterable[datetime]) -> dict[str, Any]:
    """Return a thread of Amp with a ledger."""
    messages: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number, at in enumerate(times):
        usage = {"cacheReadInputTokens": 600, "cacheCreationInputTokens": 100, "inputTokens": 300, "outputTokens": 80}
        usage |= {"model": "claude-opus-4-5", "timestamp": at.isoformat()}
        messages.append({"role": "user", "messageId": 2 * number, "content": TEXT})
        messages.append({"role": "assistant", "messageId": 2 * number + 1, "content": TEXT, "usage": usage})
        event = {"id": f"event-{number}", "timestamp": at.isoformat(), "model": "claude-opus-4-5", "credits": 1.5}
        events.append(event | {"tokens": {"input": 300, "output": 80}, "toMessageId": 2 * number + 1})
    tree = {"uri": "file:///CANARY/folder"}
    return {
        "id": session,
        "title": TEXT,
        "env": {"initial": {"trees": [tree]}},
        "messages": messages,
        "usageLedger": {"events": events},
    }


def cline_message(at: datetime, say: str = "api_req_started", **changes: Any) -> dict[str, Any]:
    """Return a request of Cline."""
    counts = {"request": TEXT, "tokensIn": 300, "tokensOut": 80, "cacheReads": 600, "cacheWrites": 100, "cost": 0.01}
    return {"ts": _milliseconds(at), "type": "say", "say": say, "text": json.dumps(counts), **changes}


def _codex(root: Path, name: str, times: list[datetime]) -> None:
    rollout = ScriptedRollout(name, times[0] - timedelta(seconds=20)).begin()
    for _ in times:
        rollout.request()
    rollout.write(root)


def _gemini(folder: Path, name: str, times: list[datetime]) -> None:
    messages = [gemini_message(number, at) for number, at in enumerate(times)]
    head = {"sessionId": name, "projectHash": "abc", "startTime": times[0].isoformat()}
    _write(folder / f"session-{name}.jsonl", [head, {"id": "u", "type": "user", "content": TEXT}, *messages])


def _amp(folder: Path, name: str, times: list[datetime]) -> None:
    _write(folder / f"T-{name}.json", [amp_thread(f"T-{name}", times)])


def _cline(folder: Path, name: str, times: list[datetime]) -> None:
    text = {"ts": _milliseconds(times[0]), "type": "say", "say": "text", "text": TEXT}
    task = folder / "tasks" / name
    _write(task / "ui_messages.json", [[text, *(cline_message(at) for at in times)]])
    used = {
        "ts": _milliseconds(times[0]),
        "model_id": "claude-sonnet-4-5",
        "model_provider_id": "anthropic",
        "mode": "act",
    }
    _write(task / "task_metadata.json", [{"files_in_context": [{"path": "CANARY"}], "model_usage": [used]}])


def _qwen(folder: Path, name: str, times: list[datetime]) -> None:
    user = {"uuid": f"{name}-u", "sessionId": name, "type": "user", "message": TEXT}
    records = [qwen_record(number, name, at) for number, at in enumerate(times)]
    _write(folder / f"{name}.jsonl", [user, *records])


def _kimi(folder: Path, name: str, times: list[datetime]) -> None:
    request = {"type": "llm.request", "model": "kimi-k2-thinking", "modelAlias": "kimi-code/default"}
    # Two requests of one instant with equal counts would be taken for one that was moved.
    shift = timedelta(milliseconds=int(name[:4]) % 1_000)
    records = [kimi_record(at + shift) for at in times]
    prompt = {"type": "turn.prompt", "input": TEXT}
    _write(folder / f"session_{name}/agents/main/wire.jsonl", [prompt, request, *records])


def _write(path: Path, records: Iterable[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines(records))


def _milliseconds(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1_000)
