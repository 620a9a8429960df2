"""What gateways tell of requests in bytes, and how bytes become tokens."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column, Float, ForeignKeyConstraint, Identity, Index, Integer, text
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    count_column,
    created_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)


class GatewayUsage(SQLModel, table=True):
    """One request as a gateway told it; short-lived. Waits only when it tells tokens, until the calibrations saw it."""

    __tablename__ = "gateway_usage"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index("gateway_usage_waiting", "organization_id", postgresql_where=text("state = 'waiting'")),
        Index("gateway_usage_retention", "organization_id", "received_at"),
        Index(
            "gateway_usage_reported",
            "organization_id",
            "provider",
            "model",
            "occurred_at",
            postgresql_where=text("input_tokens IS NOT NULL"),
        ),
    )

    organization_id: int = organization_column()
    event_id: bytes = hash_column(primary_key=True)
    received_at: datetime = created_column()
    occurred_at: datetime = instant_column(nullable=False)
    team_id: int = count_column(nullable=False)
    provider: str
    model: str
    route: str = Field(description="which API, or that it failed; never the path")
    stream: bool
    request_bytes: int = count_column(nullable=False)
    response_bytes: int = count_column(nullable=False)
    input_tokens: int | None = count_column(default=None, nullable=True)
    output_tokens: int | None = count_column(default=None, nullable=True)
    state: str = state_column("processed")


class GatewayHour(SQLModel, table=True):
    """Bytes of requests that told no tokens, counted at the door by part and by size of request; see gateway_parts."""

    __tablename__ = "gateway_hour"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    hour: datetime = instant_column(primary_key=True)
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    size_class: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    requests: int = zero_column()
    bytes: int = zero_column()


class StaleGatewayDay(SQLModel, table=True):
    """A note that bytes of a team's UTC day, or how they become tokens, have changed since it was estimated.

    One without a team means every team.
    Notes are added and taken away but never changed, so that nobody who makes one waits for another.
    """

    __tablename__ = "stale_gateway_day"
    __table_args__ = (Index("stale_gateway_day_day", "organization_id", "day"),)

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    day: date
    team_id: int | None = count_column(default=None, nullable=True)
    noted_at: datetime = created_column()


class GatewayCalibration(SQLModel, table=True):
    """How bytes of one part become tokens from `begins_at` on: of a model, a provider (no model), or all (neither).

    `sizes`, `low` and `high` are quantiles of log((true + offset) / (estimate + offset)) of sums over so many requests.
    What follows `spread` is the watch for drift.
    """

    __tablename__ = "gateway_calibration"

    organization_id: int = organization_column()
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    begins_at: datetime = instant_column(primary_key=True)
    a_byte: float
    a_request: float
    largest: float | None = Field(default=None)
    rows: int = count_column(nullable=False)
    error: float
    sum_error: float
    offset_tokens: int = count_column(nullable=False)
    sizes: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    low: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    high: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    middle: float
    spread: float
    waiting: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False, server_default="{}"))
    waiting_since: datetime | None = instant_column(default=None, nullable=True)
    rising: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    rising_since: datetime | None = instant_column(default=None, nullable=True)
    falling: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    falling_since: datetime | None = instant_column(default=None, nullable=True)
    drifted_since: datetime | None = instant_column(default=None, nullable=True)
    fitted_at: datetime = created_column()


class GatewayEstimate(SQLModel, table=True):
    """Tokens estimated of a team's UTC day of one model, between which they lie, and what no calibration reached.

    Where `counted_source` is not empty, that source tells the same team, day and model better, and these count nowhere.
    """

    __tablename__ = "gateway_estimate"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    day: date = Field(primary_key=True)
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    requests: int = zero_column()
    input_tokens: int = zero_column()
    output_tokens: int = zero_column()
    low_tokens: int = zero_column()
    high_tokens: int = zero_column()
    unestimated_requests: int = zero_column()
    unestimated_bytes: int = zero_column()
    counted_source: str = Field(default="", sa_column_kwargs={"server_default": ""})
