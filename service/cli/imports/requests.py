"""What an import of requests from a gateway's or provider's log counts, and how it is shown."""

from typing import Any

from schema.tokens import TokenCounts
from service.imports.requests import Request

SHOWN = {
    "without_tokens": "requests without tokens skipped: refused, failed, or for pictures",
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
        """Count one."""
        self.requests += 1
        self.tokens = self.tokens.plus(request.tokens)

    def summary(self) -> dict[str, Any]:
        """What was counted, in numbers."""
        return {"token_events": self.requests, "tokens": {**self.tokens._asdict(), "total": self.tokens.total}}


def as_text(begins: str, summary: dict[str, Any]) -> str:
    """The summary as text."""
    lines = [begins, f"  {summary['token_events']} model requests with {summary['tokens']['total']:,} tokens"]
    lines += [f"  {summary[name]} {text}" for name, text in SHOWN.items() if summary.get(name)]
    if "sent" in summary:
        counts = ", ".join(f"{count} {name}" for name, count in summary["sent"].items())
        return "\n".join([*lines, f"  sent: {counts or 'nothing'}"])
    return "\n".join([*lines, "  nothing was sent (--dry-run)"])
