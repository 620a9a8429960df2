"""Token events, their batches, trails of sessions, and prices."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from schema.kinds import RowState
from schema.tables.columns import (
    EvidenceColumns,
    RetryColumns,
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)


class TokenEvent(EvidenceColumns, table=True):
    """One model request after normalisation. Rows are never updated, and deleted with their partition.

    Partitions are days (UTC) of `received_at`, which all rows of a batch share. There is no foreign key to the team:
    intake has just looked it up, and checking it again would cost as much as storing the row.
    """

    __tablename__ = "token_event"
    __table_args__ = (
        Index("token_event_received", "organization_id", "received_at"),
        Index("token_event_occurred", "organization_id", "occurred_at"),
        Index(
            *("token_event_session", "organization_id", "session", "occurred_at"),
            postgresql_where=text("session IS NOT NULL"),
        ),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )

    organization_id: int = organization_column()
    event_id: bytes = hash_column(primary_key=True)
    received_at: datetime = created_column(primary_key=True)
    batch_id: int = count_column(nullable=False)
    occurred_at: datetime = instant_column(nullable=False)
    team_id: int = count_column(nullable=False)
    source: str
    provider: str = Field(default="")
    model: str = Field(default="")
    workflow: str = Field(default="")
    prompt_template: str = Field(default="")
    context_tier: str = Field(default="")
    session: bytes | None = hash_column(default=None, nullable=True)
    request: bytes | None = hash_column(default=None, nullable=True)
    duration_ms: int | None = count_column(default=None, nullable=True)
    failed: bool = flag_column()
    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output_visible: int = zero_column()
    output_reasoning: int = zero_column()


class IntakeBatch(RetryColumns, table=True):
    """Token events that were stored together, and whether they are folded; an event that fails gets its own batch."""

    __tablename__ = "intake_batch"
    __table_args__ = (
        Index("intake_batch_open", "organization_id", "next_attempt_at", postgresql_where=text("state <> 'processed'")),
        Index("intake_batch_received", "organization_id", "received_at"),
    )

    organization_id: int = organization_column()
    batch_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    received_at: datetime = created_column()
    events: int = count_column(nullable=False)
    state: str = state_column(RowState.WAITING)


class IdempotencyKey(SQLModel, table=True):
    """The id of a token event that a client named, kept forever so that the event counts once."""

    __tablename__ = "idempotency_key"

    organization_id: int = organization_column()
    event_id: bytes = hash_column(primary_key=True)


class SessionTrail(SQLModel, table=True):
    """The evidence of a session over time, and its links. Kept as long as any raw event of the session.

    `places` are hashes of its branches, with and without repository, to find sessions when a branch becomes a trunk.
    """

    __tablename__ = "session_trail"
    __table_args__ = (
        Index("session_trail_received", "organization_id", "received_at"),
        Index("session_trail_places", "places", postgresql_using="gin"),
        Index("session_trail_waiting", "organization_id", postgresql_where=text("state = 'waiting'")),
    )

    organization_id: int = organization_column()
    session: bytes = hash_column(primary_key=True)
    trail: bytes = Field(sa_type=LargeBinary)
    places: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    received_at: datetime = created_column()
    state: str = state_column(RowState.PROCESSED)


class EventPrice(SQLModel, table=True):
    """Prices of a model in a half hour (UTC) when its events were folded, in millionths of a micro-USD.

    Kept as long as these events can move between windows, so that each keeps its cost. Applies to requests with at
    least `from_input` and fewer than `to_input` input tokens.
    """

    __tablename__ = "event_price"

    organization_id: int = organization_column()
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    begins_at: datetime = instant_column(primary_key=True)
    from_input: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    to_input: int = count_column(nullable=False)
    is_listed: bool = flag_column()
    request: int = zero_column()
    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output_visible: int = zero_column()
    output_reasoning: int = zero_column()
    used_at: datetime = created_column()


class RawValidation(SQLModel, table=True):
    """Whether windows held all token events of one UTC day and source that arrived on `received_on`.

    Kept when the events are deleted. At the time of comparison, `received_…` is everything that had arrived for that
    day and source, `derived_…` the tokens in windows plus superseded ones.
    """

    __tablename__ = "raw_validation"

    organization_id: int = organization_column()
    received_on: date = Field(primary_key=True)
    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    requests: int = zero_column()
    input_uncached: int = zero_column()
    cache_read: int = zero_column()
    cache_write: int = zero_column()
    output_visible: int = zero_column()
    output_reasoning: int = zero_column()
    uncounted_requests: int = zero_column()
    received_requests: int = zero_column()
    received_input_uncached: int = zero_column()
    received_cache_read: int = zero_column()
    received_cache_write: int = zero_column()
    received_output_visible: int = zero_column()
    received_output_reasoning: int = zero_column()
    derived_requests: int = zero_column()
    derived_input_uncached: int = zero_column()
    derived_cache_read: int = zero_column()
    derived_cache_write: int = zero_column()
    derived_output_visible: int = zero_column()
    derived_output_reasoning: int = zero_column()
    validated_at: datetime = created_column()
    deleted_at: datetime | None = instant_column(default=None, nullable=True)
