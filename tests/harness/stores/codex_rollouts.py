"""Rollouts of Codex: sessions, forks and sub-agents whose true usage is known."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NAMES = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
)
BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
# Input, of it read from the cache and written to it; output, of it reasoning.
ONE = (1_000, 600, 100, 80, 30)


def usage(counts: tuple[int, ...]) -> dict[str, int]:
    """Return usage as Codex writes it."""
    return {**dict(zip(NAMES, counts, strict=True)), "total_tokens": counts[0] + counts[3]}


@dataclass
class ScriptedRollout:
    """A rollout that is written line by line."""

    thread: str
    at: datetime = BEGIN
    total: tuple[int, ...] = (0,) * len(NAMES)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, **meta: Any) -> "ScriptedRollout":
        """Write the head of the session."""
        payload = {"id": self.thread, "timestamp": self.at.isoformat(), "cwd": "/CANARY/folder", **meta}
        self.line("session_meta", payload | {"instructions": "CANARY instructions"})
        self.line("turn_context", {"model": "gpt-5.2-codex", "cwd": "/CANARY/folder"})
        return self

    def line(self, kind: str, payload: dict[str, Any]) -> None:
        """Write a line."""
        line = {"timestamp": self.at.isoformat(timespec="milliseconds"), "type": kind, "payload": payload}
        self.lines.append({**line, "ordinal": len(self.lines)})

    def request(self, counts: tuple[int, ...] = ONE, seconds: float = 20) -> "ScriptedRollout":
        """Write a prompt, a response and its counts."""
        self.at += timedelta(seconds=seconds)
        self.line("response_item", {"type": "message", "content": 'CANARY "token_count" said a person'})
        self.total = tuple(map(sum, zip(self.total, counts, strict=True)))
        self.count(counts)
        return self

    def run(self, command: str, answer: str) -> "ScriptedRollout":
        """Write a command for the shell and its answer."""
        call = f"call_{len(self.lines)}"
        self.at += timedelta(seconds=2)
        arguments = json.dumps({"cmd": command, "justification": "CANARY said a person"})
        self.line("response_item", {"type": "function_call", "arguments": arguments, "call_id": call})
        self.line("response_item", {"type": "function_call_output", "call_id": call, "output": f"CANARY\n{answer}"})
        return self

    def count(self, last: tuple[int, ...] | None, total: tuple[int, ...] | None = None) -> "ScriptedRollout":
        """Write counts without a request."""
        info: dict[str, Any] = {"total_token_usage": usage(total or self.total), "model_context_window": 272_000}
        if last is not None:
            info["last_token_usage"] = usage(last)
        self.line("event_msg", {"type": "token_count", "info": info, "rate_limits": {"primary": {}}})
        return self

    def fork(self, thread: str, *, restamped: bool = True, ordinals: bool = False, **meta: Any) -> "ScriptedRollout":
        """Return a session that begins with a copy of this one, as Codex writes it."""
        child = ScriptedRollout(thread, self.at + timedelta(seconds=5), self.total)
        known = {"forked_from_id": self.thread, **meta}
        if ordinals:
            known["subagent_history_start_ordinal"] = len(self.lines) + 1
        child.line("session_meta", {"id": thread, "timestamp": child.at.isoformat(), "cwd": "/CANARY/folder", **known})
        copied = child.at.isoformat(timespec="milliseconds")
        for line in self.lines:
            kept = {**line, "ordinal": len(child.lines)}
            child.lines.append(kept | {"timestamp": copied} if restamped else kept)
        return child

    def write(self, root: Path, *, archived: bool = False) -> Path:
        """Write the file below a home of Codex."""
        day = f"{self.at:%Y/%m/%d}"
        folder = root / "archived_sessions" if archived else root / "sessions" / day
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"rollout-{BEGIN:%Y-%m-%dT%H-%M-%S}-{self.thread}.jsonl"
        path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in self.lines))
        return path
