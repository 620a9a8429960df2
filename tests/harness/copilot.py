"""A fake of GitHub's Copilot usage metrics: daily reports behind signed links, a token, and limits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.harness.answering import Answer, ReceivedRequest, answering

TOKEN = "ghp_a_token_that_may_read_metrics"


@dataclass
class Copilot:
    """The URL, the files of each day, the requests received, and the answers to give first.

    `credits` are the items of AI credits by day; without them the token may not read billing.
    """

    url: str = ""
    files: dict[str, list[bytes]] = field(default_factory=dict)
    credits: dict[str, list[dict[str, Any]]] | None = None
    requests: list[str] = field(default_factory=list)
    first_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, list[str]], authorization: str) -> tuple[int, dict[str, str], bytes]:
        """Return the response of GitHub or of its file server to one request."""
        self.requests.append(path)
        if self.first_answers:
            return self.first_answers.pop(0)
        if path.startswith("/files/"):
            assert not authorization, "a signed link must not get the token"
            _, _, day, place = path.split("/")
            return 200, {}, self.files[day][int(place)]
        if authorization != f"Bearer {TOKEN}":
            return 401, {}, b'{"message": "CANARY"}'
        if path == "/organizations/octo-org/settings/billing/ai_credit/usage":
            return self._credits("-".join(f"{int(query[name][0]):02}" for name in ("year", "month", "day")))
        if path == "/orgs/octo-org/copilot/metrics/reports/organization-1-day":
            return self._links(query["day"][0])
        return 404, {}, b'{"message": "CANARY"}'

    def _links(self, day: str) -> tuple[int, dict[str, str], bytes]:
        if day not in self.files:
            return 204, {}, b""
        links = [f"{self.url}/files/{day}/{place}?signature=CANARY" for place in range(len(self.files[day]))]
        return 200, {}, json.dumps({"download_links": links, "report_day": day}).encode()

    def _credits(self, day: str) -> tuple[int, dict[str, str], bytes]:
        if self.credits is None:
            return 403, {}, b'{"message": "CANARY"}'
        reported = {"organization": "CANARY", "user": "CANARY", "usageItems": self.credits.get(day, [])}
        return 200, {}, json.dumps(reported).encode()


@contextmanager
def copilot_api() -> Iterator[Copilot]:
    """Run the API on a local port."""
    state = Copilot()

    def answer(request: ReceivedRequest) -> Answer:
        parts = urlsplit(request.target)
        return state.answer(parts.path, parse_qs(parts.query), request.headers.get("Authorization", ""))

    with answering(answer) as state.url:
        yield state
