"""Dead letters: rows that workers gave up on."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.work_rows import WorkKind


class DeadLetterShown(Struct, frozen=True, kw_only=True):
    """One dead letter. `failure` is the code of the reason, `explanation` says what happened, `remedy` what to do.

    `what` is the event, source, day, stage, subject or provider. `can_replay` is false if its data has been deleted.
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
    """Dead letters, oldest first."""

    items: list[DeadLetterShown]
    next_cursor: str | None


class Replay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The dead letter to replay, null for all that can be replayed."""

    id: Annotated[str, Meta(max_length=200)] | None


class Replayed(Struct, frozen=True, kw_only=True):
    """The number of dead letters that workers will try again."""

    replayed: int
