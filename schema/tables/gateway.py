"""Requests that gateways report in bytes, and calibrations that convert bytes to tokens."""

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
    """One request through a gateway; short-lived. A row with tokens waits until calibration has used it."""

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
    route: str = Field(description="name of the API, or failed; never the path")
    stream: bool
    request_bytes: int = count_column(nullable=False)
    response_bytes: int = count_column(nullable=False)
    input_tokens: int | None = count_column(default=None, nullable=True)
    output_tokens: int | None = count_column(default=None, nullable=True)
    state: str = state_column("processed")


class GatewayHour(SQLModel, table=True):
    """Bytes of requests without reported tokens, summed on intake by part and size of request; see gateway_parts."""

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
    """A note to estimate a UTC day again for one team, or for all if `team_id` is null. Deleted, never updated."""

    __tablename__ = "stale_gateway_day"
    __table_args__ = (Index("stale_gateway_day_day", "organization_id", "day"),)

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    day: date
    team_id: int | None = count_column(default=None, nullable=True)
    noted_at: datetime = created_column()


class GatewayCalibration(SQLModel, table=True):
    """How bytes of one part become tokens from `begins_at` on: for a model, a provider (no model) or all (neither).

    `low` and `high` are quantiles of log((true + offset) / (estimate + offset)) of sums over `sizes` requests. The
    columns after `spread` detect drift.
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
    """Estimated tokens of a team, UTC day and model, their range, and requests without a calibration.

    If `counted_source` is not empty, that source counts for the team, day and model instead of this estimate.
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
