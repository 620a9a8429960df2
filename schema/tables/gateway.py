"""Requests that gateways report in bytes, and calibrations that convert bytes to tokens."""

from datetime import date, datetime

from sqlalchemy import ARRAY, Column, Float, Integer
from sqlmodel import Field

from schema.tables import columns


class GatewayUsage(columns.Tenant, table=True):
    """One request through a gateway; short-lived. A row with tokens waits until calibration has used it."""

    __table_args__ = (
        columns.references("team", "team_id"),
        columns.index("gateway_usage_waiting", where="state = 'waiting'"),
        columns.index("gateway_usage_retention", "received_at"),
        columns.index("gateway_usage_reported", "provider", "model", "occurred_at", where="input_tokens IS NOT NULL"),
    )

    event_id: bytes = columns.keyed_hash(primary_key=True)
    received_at: datetime = columns.created()
    occurred_at: datetime = columns.instant(nullable=False)
    team_id: int = columns.count(nullable=False)
    provider: str
    model: str
    route: str = Field(description="name of the API, or failed; never the path")
    stream: bool
    request_bytes: int = columns.count(nullable=False)
    response_bytes: int = columns.count(nullable=False)
    input_tokens: int | None = columns.count(default=None, nullable=True)
    output_tokens: int | None = columns.count(default=None, nullable=True)
    state: str = columns.state("processed")


class GatewayHour(columns.Tenant, table=True):
    """Bytes of requests without reported tokens, summed on intake by part and size of request; see gateway_parts."""

    __table_args__ = (columns.references("team", "team_id"),)

    hour: datetime = columns.instant(primary_key=True)
    team_id: int = columns.count_key()
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    size_class: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    requests: int = columns.zero()
    bytes: int = columns.zero()


class StaleGatewayDay(columns.Tenant, table=True):
    """A note to estimate a UTC day again for one team, or for all if `team_id` is null. Deleted, never updated."""

    __table_args__ = (columns.index("stale_gateway_day_day", "day"),)

    note_id: int = columns.serial_key()
    day: date
    team_id: int | None = columns.count(default=None, nullable=True)
    noted_at: datetime = columns.created()


class GatewayCalibration(columns.Tenant, table=True):
    """How bytes of one part become tokens from `begins_at` on: for a model, a provider (no model) or all (neither).

    `low` and `high` are quantiles of log((true + offset) / (estimate + offset)) of sums over `sizes` requests. The
    columns after `spread` detect drift.
    """

    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    begins_at: datetime = columns.instant(primary_key=True)
    a_byte: float
    a_request: float
    largest: float | None = Field(default=None)
    rows: int = columns.count(nullable=False)
    error: float
    sum_error: float
    offset_tokens: int = columns.count(nullable=False)
    sizes: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    low: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    high: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False))
    middle: float
    spread: float
    recent_errors: list[float] = Field(sa_column=Column(ARRAY(Float), nullable=False, server_default="{}"))
    recent_errors_since: datetime | None = columns.instant(default=None, nullable=True)
    rising: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    rising_since: datetime | None = columns.instant(default=None, nullable=True)
    falling: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    falling_since: datetime | None = columns.instant(default=None, nullable=True)
    drifted_since: datetime | None = columns.instant(default=None, nullable=True)
    fitted_at: datetime = columns.created()


class GatewayEstimate(columns.Tenant, table=True):
    """Estimated tokens of a team, UTC day and model, their range, and requests without a calibration.

    If `counted_source` is not empty, that source counts for the team, day and model instead of this estimate.
    """

    __table_args__ = (columns.references("team", "team_id"),)

    day: date = Field(primary_key=True)
    team_id: int = columns.count_key()
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    requests: int = columns.zero()
    input_tokens: int = columns.zero()
    output_tokens: int = columns.zero()
    low_tokens: int = columns.zero()
    high_tokens: int = columns.zero()
    unestimated_requests: int = columns.zero()
    unestimated_bytes: int = columns.zero()
    counted_source: str = Field(default="", sa_column_kwargs={"server_default": ""})
