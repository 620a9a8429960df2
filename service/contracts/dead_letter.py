"""Dead letters: rows that workers gave up on."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schema.work_rows import WorkKind
from service.contracts.amounts import NextCursor


class DeadLetterShown(Struct, frozen=True, kw_only=True):
    """One row that workers gave up on."""

    id: Annotated[str, Meta(description="Id of the dead letter")]
    kind: WorkKind
    what: Annotated[str, Meta(description="Event, source, day, stage, subject or provider of the row")]
    since: Annotated[datetime, Meta(description="When workers gave up")]
    attempts: Annotated[int, Meta(description="Number of failed attempts")]
    failure: Annotated[str, Meta(description="Code of the reason")]
    explanation: Annotated[str, Meta(description="What happened")]
    remedy: Annotated[str, Meta(description="What to do")]
    can_replay: Annotated[bool, Meta(description="False if the data of the row has been deleted")]


class DeadLetterList(Struct, frozen=True, kw_only=True):
    """Dead letters, oldest first."""

    items: list[DeadLetterShown]
    next_cursor: NextCursor


class Replay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The dead letter to replay."""

    id: (
        Annotated[str, Meta(max_length=200, description="Id of the dead letter; null for all that can be replayed")]
        | None
    )


class Replayed(Struct, frozen=True, kw_only=True):
    """The result of a replay."""

    replayed: Annotated[int, Meta(description="Number of dead letters that workers will try again")]
