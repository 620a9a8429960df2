"""Outcomes of merged pull requests, and the reports behind them. Hashes and counts only."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, Numeric
from sqlmodel import Field

from schema.tables import columns


class PullRequestTitle(columns.OfArtifact, table=True):
    """The hash of a pull request's title, which is matched with `Revert "…"` without a number."""

    __table_args__ = (columns.index("pull_request_title_title", "title"),)

    title: bytes = columns.keyed_hash(nullable=False)
    reported_at: datetime = columns.instant(nullable=False)


class Revert(columns.Tenant, table=True):
    """A pull request or pushed commit that reverts something; `branch` is where the commit was pushed."""

    repository_id: bytes = columns.keyed_hash(primary_key=True)
    source_kind: str = Field(primary_key=True)
    source: bytes = columns.keyed_hash(primary_key=True)
    target_kind: str = Field(primary_key=True)
    target: bytes = columns.keyed_hash(primary_key=True)
    branch: bytes = columns.keyed_hash(primary_key=True, description="empty for pull requests")
    occurred_at: datetime = columns.instant(nullable=False)


class Outcome(columns.OfArtifact, table=True):
    """The outcome of a pull request, derived from activity, reverts and releases."""

    pushes_after_opening: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    review_rounds: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reverted_at: datetime | None = columns.instant(default=None, nullable=True)
    reverted_by: bytes | None = columns.keyed_hash(default=None, nullable=True, description="null for a pushed commit")
    fix_released_at: datetime | None = columns.instant(default=None, nullable=True)


class EffectStudy(columns.Tenant, table=True):
    """The last study of what use does to shipping, and to reported outcomes; both are JSON. Weeks may be null."""

    first_week: date | None = Field(default=None)
    last_week: date | None = Field(default=None)
    studied_at: datetime = columns.created()
    report: str
    outcome_report: str = columns.state("{}")


class ReportedOutcome(columns.Tenant, table=True):
    """What a team achieved beside pull requests in a UTC hour, as one report counts it."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.index("reported_outcome_hour", "hour"),
    )

    identity: bytes = columns.keyed_hash(primary_key=True, description="hash of the client's id, or of the content")
    team_id: int = columns.count(nullable=False)
    hour: datetime = columns.instant(nullable=False)
    feature: str
    workflow: str
    number: int = columns.count(nullable=False)
    successes: int | None = columns.count(default=None, nullable=True)
    quality: int | None = columns.count(default=None, nullable=True, description="mean, in millionths")
    prompt_template: str = columns.state("")


class OutcomeCut(columns.Tenant, table=True):
    """Reported outcomes of a team (0: all) in a day, week or month (`grain`, from `period` on), named in `cut`."""

    __table_args__ = (columns.index("outcome_cut_period", "grain", "period"),)

    cut: str = Field(primary_key=True)
    team_id: int = columns.count_key()
    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    first: str = Field(primary_key=True)
    second: str = Field(primary_key=True)
    outcomes: int = columns.count(nullable=False)
    successes: int = columns.count(nullable=False)
    with_success: int = columns.count(nullable=False)
    quality: Decimal = Field(sa_column=Column(Numeric, nullable=False), description="sum of millionths")
    with_quality: int = columns.count(nullable=False)


class StaleOutcome(columns.Tenant, table=True):
    """A note to sum the outcomes of a UTC day again. Deleted, never updated."""

    note_id: int = columns.serial_key()
    day: date
