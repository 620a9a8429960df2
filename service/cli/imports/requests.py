"""Counts of imported model requests, and their text."""

from typing import Any

from schema.vocabulary.tokens import TokenCounts
from service.imports.requests import Request

SHOWN = {
    "without_tokens": "requests without tokens skipped: refused, failed, or for images",
    "from_cache": "requests that the gateway answered from its own cache skipped",
    "broken_lines": "incomplete or broken lines skipped",
    "other_lines": "unrelated lines skipped",
}


class Counted:
    """Counts requests and their tokens."""

    def __init__(self) -> None:
        self.requests = 0
        self.tokens = TokenCounts()

    def add(self, request: Request) -> None:
        """Count one request."""
        self.requests += 1
        self.tokens = self.tokens.plus(request.tokens)

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {"token_events": self.requests, "tokens": {**self.tokens._asdict(), "total": self.tokens.total}}


def as_text(head: str, summary: dict[str, Any]) -> str:
    """Format the summary as text; `head` is its first line."""
    lines = [head, f"  {summary['token_events']} model requests with {summary['tokens']['total']:,} tokens"]
    lines += [f"  {summary[name]} {text}" for name, text in SHOWN.items() if summary.get(name)]
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
