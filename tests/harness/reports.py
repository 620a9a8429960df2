"""A fake provider that responds with recorded reports, after the answers that a test sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.harness.answering import Answer, ReceivedRequest, answering

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "providers"
KEYS = {"anthropic": "an-admin-key", "openai": "another-admin-key"}
REPORTS = {
    "/v1/organizations/usage_report/messages": "anthropic_usage",
    "/v1/organizations/cost_report": "anthropic_costs",
    "/v1/organization/usage/completions": "openai_usage",
    "/v1/organization/costs": "openai_costs",
}


@dataclass
class Provider:
    """The URL, requests received, answers to give before the reports, replaced reports, and more of them by path."""

    url: str = ""
    requests: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    first_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    instead: dict[str, bytes] = field(default_factory=dict)
    more: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str, query: dict[str, list[str]], keys: set[str]) -> tuple[int, dict[str, str], bytes]:
        self.requests.append((path, query))
        if self.first_answers:
            return self.first_answers.pop(0)
        if not keys & set(KEYS.values()):
            return 401, {}, b'{"error": "CANARY: no such key"}'
        if path in self.more:
            return 200, {}, self.more[path]
        if path not in REPORTS:
            return 404, {}, b'{"error": "CANARY: no such report"}'
        page = query.get("page", ["page_1"])[0]
        hourly = "_1h" if query.get("bucket_width") == ["1h"] else ""
        name = f"{REPORTS[path]}{hourly}__{page}.json"
        return 200, {}, self.instead.get(name) or (PAYLOADS / name).read_bytes()


@contextmanager
def provider() -> Iterator[Provider]:
    """Run the provider on a local port."""
    state = Provider()

    def answer(request: ReceivedRequest) -> Answer:
        parts, headers = urlsplit(request.target), request.headers
        keys = {headers.get("x-api-key", ""), headers.get("Authorization", "").removeprefix("Bearer ")}
        return state.answer(parts.path, parse_qs(parts.query), keys)

    with answering(answer) as state.url:
        yield state
