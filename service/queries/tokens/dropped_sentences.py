"""Sentences about telemetry and rows that hold tokens and are not counted, each with a remedy. Pure."""

from collections.abc import Collection, Mapping
from typing import Final

from service.queries.tokens.dropped import DroppedTotal

REPEATED, NO_SESSION, NOT_READ, UNREADABLE = "repeated", "no_session", "not_read", "unreadable"
IMPORTED: Final = ("import", "report")
_INVALID = "correct the counts and clocks of the sender"
_ROWS = "see the rows that the import or the worker's log lists, and correct them at their source"
_REMEDIES: Final[Mapping[str, str]] = {
    REPEATED: "let this agent send its logs, too; see: shipledger agent-config",
    NO_SESSION: "let this agent send its logs, or its session with its metrics; see: shipledger agent-config",
    NOT_READ: "send spans or metrics that follow the GenAI semantic conventions or OpenInference",
}
_REASONS: Final[Mapping[str, str]] = {
    REPEATED: "would repeat logs that never came",
    NO_SESSION: "name no session, so that they cannot be compared with logs",
    NOT_READ: "hold tokens that no source reads",
}


def is_repetition(dropped: DroppedTotal, counted: Collection[str]) -> bool:
    """Return whether another signal of the same source is counted, so that nothing is lost."""
    return dropped.reason == REPEATED and (not dropped.source or dropped.source in counted)


def why_dropped(dropped: DroppedTotal) -> str:
    """Return what was dropped and why: `12 records hold tokens that no source reads`."""
    held = f" with {dropped.tokens:,} tokens" if dropped.tokens else ""
    if dropped.signal in IMPORTED:
        problem = "cannot be read" if dropped.reason == UNREADABLE else f"have invalid {dropped.reason}"
        return f"{dropped.records:,} rows{held} {problem}"
    return f"{dropped.records:,} records {_REASONS.get(dropped.reason, f'have invalid {dropped.reason}')}"


def remedy_of(dropped: DroppedTotal) -> str:
    """Return what to do."""
    return _ROWS if dropped.signal in IMPORTED else _REMEDIES.get(dropped.reason, _INVALID)
