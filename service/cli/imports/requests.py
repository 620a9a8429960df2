"""Counts of imported model requests and of what was left out, and their text."""

from typing import Any

from service.client import Address, Client
from service.imports.git.items import in_bulks
from service.imports.left_out import UnusableRow
from service.imports.requests import Request
from vocabulary.tokens import TokenCounts

SHOWN = {
    "without_request_id": "of them have no request id, so copies are recognised by model, counts and time",
    "without_tokens": "requests without tokens skipped: refused, failed, or for images",
    "from_cache": "requests that the gateway answered from its own cache skipped",
    "broken_lines": "incomplete or broken lines skipped",
    "other_lines": "unrelated lines skipped",
}
# Places that are listed; the rest are counted.
LISTED = 20


class LeftOut:
    """Rows or lines that cannot be used, by place, with what makes no sense there."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._rows: dict[str, UnusableRow] = {}

    def add(self, row: UnusableRow) -> None:
        """Add a row or line, once for each place."""
        self.add_reason(row.place, f"unexpected {row.field}")
        self._rows.setdefault(row.digest, row)

    def add_reason(self, place: str, reason: str) -> None:
        """Add a row or line with a reason, once for each place."""
        self._reasons.setdefault(place, reason)

    def summary(self) -> dict[str, Any]:
        """Return how many were left out, and the first of them."""
        places = [f"{place}: {reason}" for place, reason in self._reasons.items()]
        return {"unusable": len(places), "unusable_places": places[:LISTED]}

    def send(self, address: Address, source: str) -> None:
        """Have the service count the rows as dropped; a row that was sent before changes nothing."""
        if self._rows:
            with Client(address) as client:
                for rows in in_bulks(row.counted(source) for row in self._rows.values()):
                    client.post("/api/v1/token-events", {"items": [], "left_out": rows})


def left_out_text(summary: dict[str, Any]) -> list[str]:
    """Return the lines that say what could not be used; none if everything could."""
    if not summary.get("unusable"):
        return []
    head = f"  {summary['unusable']} could not be used and were skipped:"
    return [head, *(f"    {place}" for place in summary["unusable_places"])]


class Counted:
    """Counts requests and their tokens."""

    def __init__(self) -> None:
        self.requests = 0
        self.without_id = 0
        self.tokens = TokenCounts()

    def add(self, request: Request) -> None:
        """Count one request."""
        self.requests += 1
        self.without_id += not request.request_id
        self.tokens = self.tokens.plus(request.tokens)

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "token_events": self.requests,
            "without_request_id": self.without_id,
            "tokens": {**self.tokens._asdict(), "total": self.tokens.total},
        }


def as_text(head: str, summary: dict[str, Any]) -> str:
    """Format the summary as text; `head` is its first line."""
    lines = [head, f"  {summary['token_events']} model requests with {summary['tokens']['total']:,} tokens"]
    lines += [f"  {summary[name]} {text}" for name, text in SHOWN.items() if summary.get(name)]
    lines += left_out_text(summary)
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
