"""Metric series and spans that were counted, so that nothing counts twice. Hashes and counts only."""

from datetime import date, datetime

from sqlmodel import Field

from schema.tables import columns


class MetricSeries(columns.Tenant, table=True):
    """The last value of a cumulative series and its time. Deleted when the series has been idle for long."""

    __table_args__ = (columns.index("metric_series_retention", "seen_at"),)

    series_id: bytes = columns.keyed_hash(primary_key=True)
    value: int = columns.count(nullable=False)
    moment: int = columns.count(nullable=False, description="nanoseconds since 1970, by the sender's clock")
    seen_at: datetime = columns.created()


class MetricGroup(columns.Tenant, columns.KindColumns, table=True):
    """Totals and parts of them that the series of a group have reported, and which tokens were counted of these.

    Parts stand within their total, or beside it. Deleted when the group has been idle for long.
    """

    __table_args__ = (columns.index("metric_group_retention", "seen_at"),)

    group_id: bytes = columns.keyed_hash(primary_key=True)
    seen_at: datetime = columns.created()
    total_input: int = columns.zero()
    read: int = columns.zero()
    written: int = columns.zero()
    total_output: int = columns.zero()
    thought: int = columns.zero()
    cache_is_beside: bool = columns.flag()
    reasoning_is_beside: bool = columns.flag()


class Measurement(columns.Tenant, table=True):
    """The id of a counted span or of a counted data point of a delta series."""

    __table_args__ = (columns.index("measurement_retention", "seen_at"),)

    measurement_id: bytes = columns.keyed_hash(primary_key=True)
    seen_at: datetime = columns.created()


class MetricEvent(columns.Tenant, table=True):
    """A token event made from a metric, which a more detailed signal of its tally may still replace."""

    __table_args__ = (
        columns.index("metric_event_tally", "tally_id"),
        columns.index("metric_event_retention", "received_at"),
    )

    event_id: bytes = columns.keyed_hash(primary_key=True)
    tally_id: bytes = columns.keyed_hash(nullable=False)
    signal: str
    received_at: datetime = columns.created()


class ReportedRequest(columns.Tenant, table=True):
    """That telemetry, or an import, reported a request: a hash of which, the source and the request's hashed id."""

    __table_args__ = (columns.index("reported_request_retention", "seen_at"),)

    report_id: bytes = columns.keyed_hash(primary_key=True)
    seen_at: datetime = columns.created()


class UnnamedRequest(columns.Tenant, table=True):
    """How many requests without an id telemetry reported, by size and by the half hour of their end.

    Kept when their raw events are deleted, until an import reports the same requests.
    """

    __table_args__ = (columns.index("unnamed_request_retention", "seen_at"),)

    source: str = Field(primary_key=True)
    input: int = columns.count_key()
    output: int = columns.count_key()
    half_hour: datetime = columns.instant(primary_key=True)
    requests: int = columns.zero()
    seen_at: datetime = columns.created()


class MeteredHour(columns.Tenant, columns.KindColumns, table=True):
    """Tokens of a team, hour (UTC), source and model that only metrics, or only an import, reported so far."""

    __table_args__ = (columns.index("metered_hour_retention", "seen_at"),)

    team_id: int = columns.count_key()
    source: str = Field(primary_key=True)
    hour: datetime = columns.instant(primary_key=True)
    model: str = Field(primary_key=True)
    reporter: str = Field(primary_key=True, description="metrics or import")
    seen_at: datetime = columns.created()


class DroppedRecord(columns.Tenant, table=True):
    """How many records held tokens, and how many, and were not counted, by UTC day of arrival and reason."""

    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    signal: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    records: int = columns.zero()
    tokens: int = columns.zero()


class TokenTally(columns.Tenant, table=True):
    """Tokens that a service reported in each signal, until when, and since when it was the only signal."""

    __table_args__ = (columns.index("token_tally_retention", "seen_at"),)

    tally_id: bytes = columns.keyed_hash(primary_key=True)
    seen_at: datetime = columns.created()
    logs_input: int = columns.zero()
    logs_output: int = columns.zero()
    logs_until: datetime | None = columns.instant(default=None, nullable=True)
    logs_since: datetime | None = columns.instant(default=None, nullable=True)
    spans_input: int = columns.zero()
    spans_output: int = columns.zero()
    spans_until: datetime | None = columns.instant(default=None, nullable=True)
    spans_since: datetime | None = columns.instant(default=None, nullable=True)
    counters_input: int = columns.zero()
    counters_output: int = columns.zero()
    counters_until: datetime | None = columns.instant(default=None, nullable=True)
    counters_since: datetime | None = columns.instant(default=None, nullable=True)
    histogram_input: int = columns.zero()
    histogram_output: int = columns.zero()
    histogram_until: datetime | None = columns.instant(default=None, nullable=True)
    histogram_since: datetime | None = columns.instant(default=None, nullable=True)
