"""A fake LiteLLM gateway with spend logs: pages, a key, limits, versions without pages, and its table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from tests.harness.answering import Answer, ReceivedRequest, answering

KEY = "sk-an-admins-key"
FORMAT = "%Y-%m-%d %H:%M:%S"

TABLE = """
CREATE TABLE "LiteLLM_SpendLogs" (
    request_id text PRIMARY KEY, call_type text NOT NULL, api_key text NOT NULL DEFAULT '',
    spend double precision NOT NULL DEFAULT 0, total_tokens integer NOT NULL DEFAULT 0,
    prompt_tokens integer NOT NULL DEFAULT 0, completion_tokens integer NOT NULL DEFAULT 0,
    "startTime" timestamp(3) NOT NULL, "endTime" timestamp(3) NOT NULL,
    model text NOT NULL DEFAULT '', custom_llm_provider text DEFAULT '', "user" text DEFAULT '',
    metadata jsonb DEFAULT '{}', cache_hit text DEFAULT '', team_id text, end_user text,
    messages jsonb DEFAULT '{}', response jsonb DEFAULT '{}')
"""


def spend_log(name: str, at: datetime, prompt: int = 1000, **values: Any) -> dict[str, Any]:
    """Return a row as the gateway reports it, including personal data."""
    return {
        "request_id": name,
        "call_type": "acompletion",
        "api_key": "CANARY-hash",
        "startTime": at.isoformat(),
        "endTime": (at + timedelta(seconds=9)).isoformat(),
        "model": "claude-sonnet-4-5-20250929",
        "custom_llm_provider": "anthropic",
        "user": "CANARY@example.com",
        "end_user": "CANARY",
        "team_id": "payments",
        "prompt_tokens": prompt,
        "completion_tokens": 50,
        "cache_hit": "False",
        "messages": {"CANARY": "prompt"},
        "response": {"CANARY": "answer"},
        "metadata": {
            "user_api_key_alias": "CANARY",
            "usage_object": {"cache_read_input_tokens": prompt // 2, "completion_tokens_details": None},
        },
        **values,
    }


@dataclass
class LiteLLM:
    """The URL, its rows, the requests received, the answers to give first, and what its version supports."""

    url: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    first_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    has_pages: bool = True
    counts_at_most: int = 10_000
    page_limit: int = 2

    def answer(self, path: str, query: dict[str, str], key: str) -> tuple[int, dict[str, str], bytes]:
        """Return the proxy's response to one request."""
        self.requests.append((path, query))
        if self.first_answers:
            return self.first_answers.pop(0)
        if key != f"Bearer {KEY}":
            return 401, {}, b'{"error": {"message": "CANARY"}}'
        if path == "/spend/logs/v2" and self.has_pages:
            return 200, {}, json.dumps(self._page(query)).encode()
        if path == "/spend/logs" and query.get("summarize") == "false":
            day = datetime.fromisoformat(query["start_date"]).date()
            found = [row for row in self.rows if datetime.fromisoformat(row["startTime"]).date() == day]
            return 200, {}, json.dumps(found).encode()
        return 404, {}, b"{}"

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        begins, ends = (
            datetime.strptime(query[name], FORMAT).replace(tzinfo=UTC) for name in ("start_date", "end_date")
        )
        found = [row for row in self.rows if begins <= datetime.fromisoformat(row["startTime"]) <= ends]
        size = min(int(query["page_size"]), self.page_limit)
        total = min(len(found), self.counts_at_most)
        start = (int(query["page"]) - 1) * size
        return {
            "data": found[start : start + size],
            "total": total,
            "page": int(query["page"]),
            "page_size": size,
            "total_pages": -(-total // size),
            "total_is_capped": total < len(found),
        }


@contextmanager
def litellm_gateway() -> Iterator[LiteLLM]:
    """Run the proxy on a local port."""
    state = LiteLLM()

    def answer(request: ReceivedRequest) -> Answer:
        parts = urlsplit(request.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return state.answer(parts.path, query, request.headers.get("Authorization", ""))

    with answering(answer) as state.url:
        yield state


async def write_table(connection: asyncpg.Connection, rows: list[dict[str, Any]]) -> None:
    """Create the table, and write rows as the gateway does."""
    await connection.execute(TABLE)
    for row in rows:
        times = [datetime.fromisoformat(row[name]).replace(tzinfo=None) for name in ("startTime", "endTime")]
        names = [name for name in row if name not in {"startTime", "endTime"}]
        values = [json.dumps(row[name]) if isinstance(row[name], dict) else row[name] for name in names]
        columns = ", ".join(f'"{name}"' for name in (*names, "startTime", "endTime"))
        places = ", ".join(f"${place}" for place in range(1, len(names) + 3))
        await connection.execute(f'INSERT INTO "LiteLLM_SpendLogs" ({columns}) VALUES ({places})', *values, *times)
