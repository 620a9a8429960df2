"""Metric series and spans that were counted, so that nothing counts twice. Hashes and counts only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from schema.tables.columns import (
    count_column,
    created_column,
    hash_column,
    instant_column,
    organization_column,
    zero_column,
)


class MetricSeries(SQLModel, table=True):
    """The last value of a cumulative series and its time. Deleted when the series has been idle for long."""

    __tablename__ = "metric_series"
    __table_args__ = (Index("metric_series_retention", "organization_id", "seen_at"),)

    organization_id: int = organization_column()
    series_id: bytes = hash_column(primary_key=True)
    value: int = count_column(nullable=False)
    moment: int = count_column(nullable=False, description="nanoseconds since 1970, by the sender's clock")
    seen_at: datetime = created_column()


class Measurement(SQLModel, table=True):
    """The id of a counted span or of a counted data point of a delta series."""

    __tablename__ = "measurement"
    __table_args__ = (Index("measurement_retention", "organization_id", "seen_at"),)

    organization_id: int = organization_column()
    measurement_id: bytes = hash_column(primary_key=True)
    seen_at: datetime = created_column()


class TokenTally(SQLModel, table=True):
    """Tokens that a service reported in each signal, until when, and since when it was the only signal."""

    __tablename__ = "token_tally"

    organization_id: int = organization_column()
    tally_id: bytes = hash_column(primary_key=True)
    spans_input: int = zero_column()
    spans_output: int = zero_column()
    spans_until: datetime | None = instant_column(default=None, nullable=True)
    spans_since: datetime | None = instant_column(default=None, nullable=True)
    counters_input: int = zero_column()
    counters_output: int = zero_column()
    counters_until: datetime | None = instant_column(default=None, nullable=True)
    counters_since: datetime | None = instant_column(default=None, nullable=True)
    histogram_input: int = zero_column()
    histogram_output: int = zero_column()
    histogram_until: datetime | None = instant_column(default=None, nullable=True)
    histogram_since: datetime | None = instant_column(default=None, nullable=True)
