"""Budgets, and what was found by watching spend. Money is nano-USD; team 0 is the whole organization."""

from datetime import date, datetime

from sqlmodel import Field

from schema.tables import columns


class Budget(columns.Tenant, table=True):
    """What a team may spend in each month or quarter (`period`)."""

    __table_args__ = (columns.of_organization(),)

    team_id: int = columns.count_key()
    period: str = Field(primary_key=True)
    nano_usd: int = columns.count(nullable=False)
    created_at: datetime = columns.created()


class SpendWatch(columns.Tenant, table=True):
    """Until which day spend was watched."""

    watched_to: date
    watched_at: datetime = columns.created()


class SpendForecast(columns.Tenant, table=True):
    """What a team will have spent at the end of the present month or quarter; dates say when its budget is exceeded."""

    team_id: int = columns.count_key()
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
    """Something about spend that somebody should see; `subject` is what it is about, `cause` what made it, if known."""

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
