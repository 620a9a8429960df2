"""Budgets, and what was found by watching spend. Money is nano-USD; team 0 is the whole organization."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column
from sqlmodel import Field

from schema.tables import columns


class Budget(columns.Tenant, table=True):
    """What a team should spend at most in each month or quarter (`period`), and a hard limit above it."""

    __table_args__ = (columns.of_organization(),)

    team_id: int = columns.count_key()
    period: str = Field(primary_key=True)
    nano_usd: int = columns.count(nullable=False)
    hard_nano_usd: int | None = columns.count(default=None, nullable=True)
    created_at: datetime = columns.created()


class ModelBudget(columns.Tenant, table=True):
    """The same of one model."""

    __table_args__ = (columns.of_organization(),)

    team_id: int = columns.count_key()
    model: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    nano_usd: int = columns.count(nullable=False)
    hard_nano_usd: int | None = columns.count(default=None, nullable=True)


class SpendPolicy(columns.Tenant, table=True):
    """A provider, model or region (`dimension`) that a team may use, instead of those of the organization."""

    __table_args__ = (columns.of_organization(),)

    team_id: int = columns.count_key()
    dimension: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class SpendWatch(columns.Tenant, table=True):
    """Until which day spend was watched."""

    watched_to: date
    watched_at: datetime = columns.created()


class SpendForecast(columns.Tenant, table=True):
    """What a team will have spent at the end of the present month or quarter; dates say when its budget is exceeded."""

    team_id: int = columns.count_key()
    of_model: str = Field(primary_key=True, sa_column_kwargs={"server_default": ""}, description="empty for all models")
    period: str = Field(primary_key=True)
    first_day: date
    made_to: date = Field(description="last day that is known")
    spent_nano_usd: int = columns.count(nullable=False)
    likely_nano_usd: int = columns.count(nullable=False)
    low_nano_usd: int = columns.count(nullable=False)
    high_nano_usd: int = columns.count(nullable=False)
    model: str
    exceeded_on: date | None = Field(default=None)
    earliest_on: date | None = Field(default=None)


class Alert(columns.Tenant, table=True):
    """Something about spend that somebody should see; `subject` is what it is about, `cause` what made it, if known.

    It held until `seen_on`. `before` and `after` are a share, or tokens; `causes` are in nano-USD. It is sent at
    `announce_at`, and again after a snooze.
    """

    __table_args__ = (
        columns.index("alert_subject", "kind", "subject", "team_id", "began_on", unique=True),
        columns.index("alert_to_announce", "announce_at", where="announce_at IS NOT NULL"),
    )

    alert_id: int = columns.serial_key()
    kind: str
    subject: str
    team_id: int = columns.count(nullable=False)
    began_on: date
    found_on: date
    usual_nano_usd: int = columns.count(nullable=False)
    spent_nano_usd: int = columns.count(nullable=False)
    cause: str | None = Field(default=None)
    state: str = columns.state("open")
    snoozed_to: date | None = Field(default=None)
    created_at: datetime = columns.created()
    seen_on: date | None = Field(default=None)
    before: float | None = Field(default=None)
    after: float | None = Field(default=None)
    causes: list[int] | None = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))
    sentence: str = columns.state("")
    link: str = columns.state("")
    announce_at: datetime | None = columns.instant(default=None, nullable=True, sa_column_kwargs=columns.NOW)


class AlertMute(columns.Tenant, table=True):
    """Alerts of a rule (of all if empty) and a team (of all if 0) are not sent, until a day if it has one."""

    __table_args__ = (columns.of_organization(),)

    mute_id: int = columns.serial_key()
    kind: str
    team_id: int = columns.count(nullable=False)
    muted_to: date | None = Field(default=None)
    created_at: datetime = columns.created()


class AlertChannel(columns.Tenant, table=True):
    """Where alerts are sent: all, or those of a team. What names or unlocks the receiver is sealed.

    `digested_to` is the Monday of the last week whose digest was sent; null for a channel without digests.
    """

    __table_args__ = (columns.of_organization(), columns.index("alert_channel_name", "name", unique=True))

    channel_id: int = columns.serial_key()
    kind: str
    name: str
    host: str
    team_id: int = columns.count(nullable=False)
    sealed_settings: bytes | None = columns.sealed()
    created_at: datetime = columns.created()
    digested_to: date | None = Field(default=None)


class AlertDelivery(columns.Tenant, columns.RetryColumns, table=True):
    """What is sent to a channel: an event of an alert, a test, or the digest of a week (its Monday)."""

    __table_args__ = (
        columns.references("alert_channel", "channel_id"),
        columns.index("alert_delivery_waiting", "next_attempt_at", where="state = 'waiting'"),
        columns.index("alert_delivery_dead", "next_attempt_at", where="state = 'dead'"),
        columns.index("alert_delivery_alert", "channel_id", "alert_id"),
    )

    delivery_id: int = columns.serial_key()
    channel_id: int = columns.count(nullable=False)
    alert_id: int | None = columns.count(default=None, nullable=True)
    event: str
    state: str = columns.state("waiting")
    created_at: datetime = columns.created()
    delivered_at: datetime | None = columns.instant(default=None, nullable=True)
    week: date | None = Field(default=None)
