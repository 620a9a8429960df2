"""Withdrawals of stored token events: events with the negative counts of a stored one and everything else the same.

Stored events never change. A withdrawal falls into the same window as its event, at the same price.
"""

import hashlib

from asyncpg import Record

from service.http.event_packing import EventRow, LinkHashes
from vocabulary.tokens import TOKEN_KINDS, TokenCounts

_LABELS = ("source", "provider", "model", "workflow", "prompt_template", "context_tier", "service_tier", "guardrail")
_CHARGED = ("cache_write_1h", "web_searches", "code_executions")
# What `stored_event` reads of a row of `token_event`.
COLUMNS = ("event_id", "occurred_at", "team_id", *_LABELS, *_CHARGED, "session", *LinkHashes._fields, *TOKEN_KINDS)


def stored_event(row: Record) -> EventRow:
    """Return a stored event."""
    return EventRow(
        event_id=row["event_id"],
        occurred_at=row["occurred_at"],
        team=None,
        **{name: row[name] for name in (*_LABELS, *_CHARGED)},
        session=row["session"],
        links=LinkHashes(*(row[name] for name in LinkHashes._fields)),
        tokens=TokenCounts(*(row[kind] for kind in TOKEN_KINDS)),
        remembered=False,
    )


def withdrawal(event: EventRow) -> EventRow:
    """Return the event that takes back a stored one."""
    charged = {name: -getattr(event, name) for name in _CHARGED}
    tokens = TokenCounts().minus(event.tokens)
    return event._replace(event_id=derived_id(b"withdrawn", event.event_id), tokens=tokens, **charged)


def derived_id(what: bytes, event_id: bytes) -> bytes:
    """Return the id of an event that is made from another one."""
    return hashlib.sha256(what + event_id).digest()
