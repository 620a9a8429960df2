"""Token events, their batches, trails of sessions, and prices."""

from datetime import date, datetime

from sqlalchemy import ARRAY, Column, Index, LargeBinary
from sqlmodel import Field

from schema.kinds import RowState
from schema.tables import columns


class TokenEvent(columns.Tenant, columns.KindColumns, columns.EvidenceColumns, table=True):
    """One model request after normalisation. Rows are never updated, and deleted with their partition.

    Partitions are days (UTC) of `received_at`, which all rows of a batch share. The team has no foreign key:
    intake has just looked it up, and checking it again would cost as much as storing the row.
    """

    __table_args__ = (
        columns.index("token_event_received", "received_at"),
        columns.index("token_event_occurred", "occurred_at"),
        columns.index("token_event_session", "session", "occurred_at", where="session IS NOT NULL"),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )

    event_id: bytes = columns.keyed_hash(primary_key=True)
    received_at: datetime = columns.created(primary_key=True)
    batch_id: int = columns.count(nullable=False)
    occurred_at: datetime = columns.instant(nullable=False)
    team_id: int = columns.count(nullable=False)
    source: str
    provider: str = Field(default="")
    model: str = Field(default="")
    workflow: str = Field(default="")
    prompt_template: str = Field(default="")
    context_tier: str = Field(default="")
    session: bytes | None = columns.keyed_hash(default=None, nullable=True)
    request: bytes | None = columns.keyed_hash(default=None, nullable=True)
    duration_ms: int | None = columns.count(default=None, nullable=True)
    failed: bool = columns.flag()
    cache_write_1h: int = columns.zero()
    service_tier: str = Field(default="", sa_column_kwargs={"server_default": ""})
    web_searches: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    code_executions: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    guardrail: str = columns.state("")


class IntakeBatch(columns.Tenant, columns.RetryColumns, table=True):
    """Token events that were stored together, and whether they are folded; an event that fails gets its own batch."""

    __table_args__ = (
        columns.index("intake_batch_open", "next_attempt_at", where="state <> 'processed'"),
        columns.index("intake_batch_received", "received_at"),
    )

    batch_id: int = columns.serial_key()
    received_at: datetime = columns.created()
    events: int = columns.count(nullable=False)
    state: str = columns.state(RowState.WAITING)


class IdempotencyKey(columns.Tenant, table=True):
    """The id of a token event that a client named, kept forever so that the event counts once."""

    event_id: bytes = columns.keyed_hash(primary_key=True)


class SessionTrail(columns.Tenant, table=True):
    """The evidence of a session over time, and its links. Kept as long as any raw event of the session.

    `places` are hashes of its branches, with and without repository, to find sessions when a branch becomes a trunk.
    """

    __table_args__ = (
        columns.index("session_trail_received", "received_at"),
        Index("session_trail_places", "places", postgresql_using="gin"),
        columns.index("session_trail_waiting", where="state = 'waiting'"),
    )

    session: bytes = columns.keyed_hash(primary_key=True)
    trail: bytes = Field(sa_type=LargeBinary)
    places: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    received_at: datetime = columns.created()
    state: str = columns.state(RowState.PROCESSED)


class EventPrice(columns.Tenant, columns.KindColumns, table=True):
    """Prices of a model in a half hour (UTC) when its events were folded, in millionths of a micro-USD.

    Kept as long as these events can move between windows, so that each keeps its cost. Applies to requests with at
    least `from_input` and fewer than `to_input` input tokens. `cache_write_1h` is what a token that is written for an
    hour costs more than `cache_write`.
    """

    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    service_tier: str = Field(primary_key=True)
    begins_at: datetime = columns.instant(primary_key=True)
    from_input: int = columns.count_key()
    to_input: int = columns.count(nullable=False)
    is_listed: bool = columns.flag()
    request: int = columns.zero()
    cache_write_1h: int = columns.zero()
    web_search: int = columns.zero()
    code_execution: int = columns.zero()
    used_at: datetime = columns.created()


class RawValidation(columns.Tenant, columns.KindColumns, table=True):
    """Whether windows held all token events of one UTC day and source that arrived on `received_on`.

    Kept when the events are deleted. At the time of comparison, `received_…` is everything that had been received and
    folded for that day and source, `derived_…` the tokens in windows plus superseded ones.
    """

    received_on: date = Field(primary_key=True)
    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    requests: int = columns.zero()
    uncounted_requests: int = columns.zero()
    received_requests: int = columns.zero()
    received_input_uncached: int = columns.zero()
    received_cache_read: int = columns.zero()
    received_cache_write: int = columns.zero()
    received_output_visible: int = columns.zero()
    received_output_reasoning: int = columns.zero()
    derived_requests: int = columns.zero()
    derived_input_uncached: int = columns.zero()
    derived_cache_read: int = columns.zero()
    derived_cache_write: int = columns.zero()
    derived_output_visible: int = columns.zero()
    derived_output_reasoning: int = columns.zero()
    validated_at: datetime = columns.created()
    deleted_at: datetime | None = columns.instant(default=None, nullable=True)
