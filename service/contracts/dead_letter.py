"""Dead letters as JSON: rows that workers gave up on."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.work_rows import WorkKind


class DeadLetterShown(Struct, frozen=True, kw_only=True):
    """One row. `failure` names the reason, `explanation` says what happened and `remedy` what to do.

    `what` is the event, source, day, stage, subject or provider. `can_replay` is false where what it was made of is
    deleted.
    """

    id: str
    kind: WorkKind
    what: str
    since: datetime
    attempts: int
    failure: str
    explanation: str
    remedy: str
    can_replay: bool


class DeadLetterList(Struct, frozen=True, kw_only=True):
    """Dead letters, the oldest first."""

    items: list[DeadLetterShown]
    next_cursor: str | None


class Replay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to hand back to the workers: one dead letter by its id or, with null, all that can be."""

    id: Annotated[str, Meta(max_length=200)] | None


class Replayed(Struct, frozen=True, kw_only=True):
    """How many dead letters were handed back to the workers."""

    replayed: int
