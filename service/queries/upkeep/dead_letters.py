"""Rows that workers gave up on: listed, and handed back to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schema.database import Tenant
from schema.errors import BadInputError
from schema.queue import Job


class Kind(StrEnum):
    """What a dead letter is."""

    DELIVERY = "delivery"
    TOKEN_EVENT = "token-event"  # noqa: S105 - AI tokens, no password
    SETTLEMENT = "settlement"


JOB_OF = {
    Kind.DELIVERY: Job.PROCESS_DELIVERIES,
    Kind.TOKEN_EVENT: Job.FOLD_TOKEN_EVENTS,
    Kind.SETTLEMENT: Job.SETTLE_DAYS,
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One row; `letter_id` is unique in its organization, `failure` the type of its last error."""

    letter_id: str
    kind: Kind
    what: str
    since: datetime
    attempts: int
    failure: str | None
    can_replay: bool


_LETTER_ID = {
    Kind.DELIVERY: "'delivery:' || delivery_id",
    Kind.TOKEN_EVENT: "'token-event:' || batch_id",
    Kind.SETTLEMENT: "'settlement:' || team_id || ':' || day",
}
_TABLE = {Kind.DELIVERY: "delivery", Kind.TOKEN_EVENT: "intake_batch", Kind.SETTLEMENT: "settlement"}
# A batch that cannot be counted holds one event alone.
_SOURCE = """coalesce((SELECT source FROM token_event
                       WHERE token_event.organization_id = $1 AND token_event.batch_id = intake_batch.batch_id
                         AND token_event.received_at = intake_batch.received_at LIMIT 1), '')"""
_WHAT = {Kind.DELIVERY: "event", Kind.TOKEN_EVENT: _SOURCE, Kind.SETTLEMENT: "day::text"}
# A delivery whose body's time is over can only be asked for again at its forge.
_CAN_REPLAY = {Kind.DELIVERY: "sealed_body IS NOT NULL", Kind.TOKEN_EVENT: "true", Kind.SETTLEMENT: "true"}

# The parts put in are the constants above.
_LIST = """
SELECT {letter_id} AS letter_id, {what} AS what, next_attempt_at, attempts, failure, {can_replay} AS can_replay
  FROM {table}
 WHERE organization_id = $1 AND state = 'dead'
 ORDER BY next_attempt_at
 LIMIT $2
"""
_REPLAY = """
UPDATE {table} SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
 WHERE organization_id = $1 AND state = 'dead' AND {can_replay} AND ($2::text IS NULL OR {letter_id} = $2)
RETURNING 1
"""


def _filled(statement: str, kind: Kind) -> str:
    return statement.format(
        letter_id=_LETTER_ID[kind], table=_TABLE[kind], what=_WHAT[kind], can_replay=_CAN_REPLAY[kind]
    )


async def list_dead_letters(tenant: Tenant, limit: int = 1000) -> list[DeadLetter]:
    """The oldest of each kind, at most `limit` a kind."""
    return [
        DeadLetter(
            row["letter_id"],
            kind,
            row["what"],
            row["next_attempt_at"],
            row["attempts"],
            row["failure"],
            row["can_replay"],
        )
        for kind in Kind
        for row in await tenant.fetch(_filled(_LIST, kind), limit)
    ]


async def replay(tenant: Tenant, letter_id: str | None) -> dict[Kind, int]:
    """Let workers try again, from the first attempt, one dead letter or (None) all that can be; how many of each kind.

    Raises BadInputError when the id is none.
    """
    prefix = (letter_id or "").partition(":")[0]
    if letter_id is not None and prefix not in set(Kind):
        raise BadInputError(
            "must begin with delivery:, token-event: or settlement:, as shipledger dead-letters list shows it",
            field="id",
        )
    kinds = [Kind(prefix)] if letter_id is not None else list(Kind)
    return {kind: len(await tenant.fetch(_filled(_REPLAY, kind), letter_id)) for kind in kinds}
