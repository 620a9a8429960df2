"""What metric series and spans have told so far, so that nothing of it counts twice. Hashes and counts only."""

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
    """A cumulative series of one process: its last value, and of when. Forgotten once it is idle for long."""

    __tablename__ = "metric_series"
    __table_args__ = (Index("metric_series_retention", "organization_id", "seen_at"),)

    organization_id: int = organization_column()
    series_id: bytes = hash_column(primary_key=True)
    value: int = count_column(nullable=False)
    moment: int = count_column(nullable=False, description="nanoseconds since 1970, as the series tells time")
    seen_at: datetime = created_column()


class Measurement(SQLModel, table=True):
    """The id of a span, or of a data point of a delta series, that was told: told again, it counts no second time."""

    __tablename__ = "measurement"
    __table_args__ = (Index("measurement_retention", "organization_id", "seen_at"),)

    organization_id: int = organization_column()
    measurement_id: bytes = hash_column(primary_key=True)
    seen_at: datetime = created_column()


class TokenTally(SQLModel, table=True):
    """What a service has told by spans, by counters and by a histogram: how much, until when, and since when alone."""

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
