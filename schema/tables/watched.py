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

    It held until `seen_on`. `before` and `after` are a share, or tokens; `causes` are in nano-USD.
    """

    __table_args__ = (columns.index("alert_subject", "kind", "subject", "team_id", "began_on", unique=True),)

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
