"""A provider that answers with recorded reports, or with whatever a test has it answer first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

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
    """Where it answers, what it was asked, what it answers before it goes back to its reports, and other reports."""

    url: str = ""
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    first_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    instead: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str, query: dict[str, list[str]], keys: set[str]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((path, query))
        if self.first_answers:
            return self.first_answers.pop(0)
        if not keys & set(KEYS.values()):
            return 401, {}, b'{"error": "CANARY: no such key"}'
        page = query.get("page", ["page_1"])[0]
        hourly = "_1h" if query.get("bucket_width") == ["1h"] else ""
        name = f"{REPORTS[path]}{hourly}__{page}.json"
        return 200, {}, self.instead.get(name) or (PAYLOADS / name).read_bytes()


@contextmanager
def provider() -> Iterator[Provider]:
    """The provider, listening on a port of this machine."""
    state = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            keys = {self.headers.get("x-api-key", ""), self.headers.get("Authorization", "").removeprefix("Bearer ")}
            status, headers, body = state.answer(parts.path, parse_qs(parts.query), keys)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
