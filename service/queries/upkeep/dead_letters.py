"""Dead letters: list and replay rows that workers gave up on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schema.database import Tenant
from schema.errors import BadInputError
from schema.failures import Failure, read_failure
from schema.work_rows import ROWS, WorkKind, WorkRows
from service.failures import EXPLANATIONS, Explanation, explain

# A dead batch has exactly one event.
_SOURCE = """coalesce((SELECT source FROM token_event
                       WHERE token_event.organization_id = $1 AND token_event.batch_id = intake_batch.batch_id
                         AND token_event.received_at = intake_batch.received_at LIMIT 1), '')"""

# The kinds of rows that can become dead letters, and a description of each.
_WHAT: Mapping[WorkKind, str] = {
    WorkKind.DELIVERY: "event",
    WorkKind.TEAM_CHANGE: "kind",
    WorkKind.TOKEN_EVENT: _SOURCE,
    WorkKind.SETTLEMENT: "day::text",
    WorkKind.BACKFILL: "stage",
    WorkKind.ENRICHMENT: "subject",
    WorkKind.SUMMARY: "'pull_request'",
    WorkKind.PROVIDER_ACCOUNT: "provider",
    WorkKind.INSTALLATION: "installation_id::text",
    WorkKind.ALERT_DELIVERY: "event",
}

# Rows whose data may have been deleted: the body of a delivery, or the name to look up at the forge.
_CAN_REPLAY: Mapping[WorkKind, str] = {
    WorkKind.DELIVERY: "sealed_body IS NOT NULL",
    WorkKind.BACKFILL: "sealed_name IS NOT NULL",
    WorkKind.ENRICHMENT: "sealed_name IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter; `letter_id` is unique in its organization."""

    letter_id: str
    kind: WorkKind
    what: str
    since: datetime
    attempts: int
    stored_failure: str
    can_replay: bool

    @property
    def explanation(self) -> Explanation:
        """What happened, with what the other side answered, and what to do."""
        return explain(self.stored_failure) or EXPLANATIONS[Failure.UNEXPECTED]

    @property
    def failure(self) -> Failure:
        """The reason alone."""
        return read_failure(self.stored_failure) or Failure.UNEXPECTED


def _letter_id(kind: WorkKind, rows: WorkRows) -> str:
    parts = (f"encode({name}, 'hex')" if type_ == "bytea" else f"{name}::text" for name, type_ in rows.key.items())
    return f"'{kind}:' || " + " || ':' || ".join(parts)


_LETTERS = " UNION ALL ".join(
    f"SELECT {_letter_id(kind, ROWS[kind])} AS letter_id, '{kind}' AS kind, {what} AS what, next_attempt_at AS since,"  # noqa: S608 - constants
    f" attempts, failure, {_CAN_REPLAY.get(kind, 'true')} AS can_replay"
    f" FROM {ROWS[kind].table} WHERE organization_id = $1 AND state = 'dead'"
    for kind, what in _WHAT.items()
)
_LIST = f"""
SELECT * FROM ({_LETTERS}) AS letter
 WHERE $2::timestamptz IS NULL OR (since, letter_id) > ($2, $3)
 ORDER BY since, letter_id LIMIT $4
"""  # noqa: S608 - constants
_COUNTS = f"SELECT kind, count(*) AS number FROM ({_LETTERS}) AS letter GROUP BY kind ORDER BY kind"  # noqa: S608 - constants

_REPLAY: Mapping[WorkKind, str] = {
    kind: f"""
UPDATE {ROWS[kind].table} SET state = 'waiting', attempts = 0, next_attempt_at = now(), failure = NULL
 WHERE organization_id = $1 AND state = 'dead' AND {_CAN_REPLAY.get(kind, "true")}
   AND ($2::text IS NULL OR {_letter_id(kind, ROWS[kind])} = $2)
RETURNING 1
"""  # noqa: S608 - constants
    for kind in _WHAT
}


async def list_dead_letters(
    tenant: Tenant, *, after: tuple[datetime, str] | None = None, limit: int = 1000
) -> list[DeadLetter]:
    """Return dead letters, oldest first."""
    rows = await tenant.fetch(_LIST, *(after or (None, None)), limit)
    return [
        DeadLetter(
            letter_id=row["letter_id"],
            kind=WorkKind(row["kind"]),
            what=row["what"],
            since=row["since"],
            attempts=row["attempts"],
            stored_failure=row["failure"] or Failure.UNEXPECTED,
            can_replay=row["can_replay"],
        )
        for row in rows
    ]


async def count_dead_letters(tenant: Tenant) -> dict[WorkKind, int]:
    """Return the number of dead letters of each kind that has any."""
    return {WorkKind(row["kind"]): row["number"] for row in await tenant.fetch(_COUNTS)}


async def replay(tenant: Tenant, letter_id: str | None) -> dict[WorkKind, int]:
    """Let workers try one dead letter again, or with None all that can be replayed; returns counts by kind.

    Raises BadInputError if the id does not begin with a kind.
    """
    kinds = list(_WHAT) if letter_id is None else [_kind_of(letter_id)]
    return {kind: len(await tenant.fetch(_REPLAY[kind], letter_id)) for kind in kinds}


def _kind_of(letter_id: str) -> WorkKind:
    prefix = letter_id.partition(":")[0]
    if prefix not in {kind.value for kind in _WHAT}:
        kinds = ", ".join(f"{kind}:" for kind in _WHAT)
        raise BadInputError(f"must begin with one of {kinds}, as shipledger dead-letters list shows it", field="id")
    return WorkKind(prefix)
