"""Databases of OpenCode and GitHub Copilot CLI, with the tables that their documentation shows."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

OPENCODE = """
    CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, time_created INTEGER);
    CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, data TEXT NOT NULL);
    CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL, data TEXT NOT NULL);
"""
COPILOT = """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, branch TEXT, created_at TEXT DEFAULT (datetime('now')));
    CREATE TABLE assistant_usage_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER,
        output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, reasoning_tokens INTEGER,
        initiator TEXT, created_at TEXT);
"""


def opencode_database(path: Path, messages: Iterable[dict[str, Any]]) -> None:
    """Write a database of OpenCode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(OPENCODE)
        rows = [
            (each["id"], each["sessionID"], 0, json.dumps({name: each[name] for name in each if name != "id"}))
            for each in messages
        ]
        database.executemany("INSERT INTO message VALUES (?, ?, ?, ?)", rows)
        database.execute("INSERT INTO part VALUES ('p', 'm', 's', ?)", [json.dumps({"text": "CANARY answer"})])
    database.close()


def opencode_message(number: int, session: str, completed: int, **changes: Any) -> dict[str, Any]:
    """Return a message of an assistant; times are in milliseconds."""
    return {
        "id": f"msg_{number}",
        "sessionID": session,
        "role": "assistant",
        "modelID": "claude-sonnet-4-5",
        "providerID": "anthropic",
        "path": {"cwd": "/CANARY/folder", "root": "/CANARY"},
        "time": {"created": completed - 9_000, "completed": completed},
        "tokens": {"input": 300, "output": 50, "reasoning": 30, "cache": {"read": 600, "write": 100}},
        "cost": 0,
        **changes,
    }


def copilot_database(path: Path, rows: Iterable[tuple[str, str]], counts: tuple[int, ...]) -> None:
    """Write a database of Copilot CLI with a request for each session and time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(COPILOT)
        for session, created_at in rows:
            database.execute(
                "INSERT OR IGNORE INTO sessions (id, cwd, repository, branch) VALUES (?, ?, ?, ?)",
                [session, "/CANARY/folder", "octo-org/octo-repo", "feature"],
            )
            read, written, output, reasoning = counts[1:]
            database.execute(
                "INSERT INTO assistant_usage_events (session_id, model, input_tokens, cache_read_tokens, "
                "cache_write_tokens, output_tokens, reasoning_tokens, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [session, "claude-sonnet-4.5", counts[0], read, written, output, reasoning, created_at],
            )
    database.close()
