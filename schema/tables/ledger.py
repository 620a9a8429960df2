"""Token windows, the ledger, its rollups, and the settlement of team-days."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Identity, Index, Integer, text
from sqlmodel import Field, SQLModel

from schema.basis import Basis
from schema.tables.columns import (
    EvidenceColumns,
    RetryColumns,
    TokenColumns,
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
    state_column,
    zero_column,
)
from schema.tokens import TOKEN_KINDS


class TokenWindow(TokenColumns, EvidenceColumns, table=True):
    """Tokens of one team, hour (UTC) and dimension set; `window_id` is a digest of all three.

    `duration_ms` is the sum over `timed_requests`. There is no foreign key to the team: intake totals have one.
    """

    __tablename__ = "token_window"
    __table_args__ = (
        Index("token_window_commit", "organization_id", "commit", postgresql_where=text("commit IS NOT NULL")),
        Index("token_window_branch", "organization_id", "branch", postgresql_where=text("branch IS NOT NULL")),
        Index("token_window_number", "organization_id", "number", postgresql_where=text("number IS NOT NULL")),
        Index("token_window_artifact", "organization_id", "artifact", postgresql_where=text("artifact IS NOT NULL")),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hour: datetime = instant_column(primary_key=True)
    window_id: bytes = hash_column(primary_key=True)
    source: str
    provider: str
    model: str
    model_family: str
    context_tier: str
    workflow: str
    prompt_template: str
    requests: int = zero_column()
    failed_requests: int = zero_column()
    timed_requests: int = zero_column()
    duration_ms: int = zero_column()
    unpriced_tokens: int = zero_column()
    basis: str = Field(
        default=Basis.MEASURED,
        sa_column_kwargs={"server_default": Basis.MEASURED},
        description="measured, derived or estimated",
    )


class DerivedWindow(TokenColumns, table=True):
    """What one origin (a provider account, a gateway's bytes) added to a window, to be subtracted when it changes."""

    __tablename__ = "derived_window"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index("derived_window_hour", "organization_id", "team_id", "hour"),
    )

    organization_id: int = organization_column()
    origin: str = Field(primary_key=True)
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hour: datetime = instant_column(primary_key=True)
    window_id: bytes = hash_column(primary_key=True)
    requests: int = zero_column()
    unpriced_tokens: int = zero_column()


class Attribution(TokenColumns, table=True):
    """One ledger row: the share of a window attributed to a pull request, or to overhead (an empty artifact id).

    It has no foreign key and no more indexes, which would nearly double the time to write a year.
    """

    __tablename__ = "attribution"

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    hour: datetime = instant_column(primary_key=True)
    window_id: bytes = hash_column(primary_key=True)
    artifact_id: bytes = hash_column(primary_key=True)
    evidence: str
    method: str


class AttributionRollup(TokenColumns, table=True):
    """The ledger summed by team, day, pull request, evidence, model and workflow, for metrics."""

    __tablename__ = "attribution_rollup"
    __table_args__ = (
        # Covers everything shown about a pull request, whose days are far apart in the table.
        Index(
            "attribution_rollup_spent",
            "organization_id",
            "artifact_id",
            postgresql_include=["evidence", "model", "method", *TOKEN_KINDS, "cost_nano_usd"],
        ),
        Index("attribution_rollup_day", "organization_id", "day"),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    artifact_id: bytes = hash_column(primary_key=True)
    evidence: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)
    method: str


class MergedWeek(TokenColumns, table=True):
    """Pull requests that a team merged in a week (from Monday, UTC), and all tokens attributed to them.

    `repository_tokens` and `cohort_tokens` are the part split by that evidence. `received_tokens` arrived in the week;
    None until its first day is summed.
    """

    __tablename__ = "merged_week"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    week: date = Field(primary_key=True)
    merged_pull_requests: int = zero_column()
    repository_tokens: int = zero_column()
    cohort_tokens: int = zero_column()
    received_tokens: int | None = count_column(default=None, nullable=True)


class StaleWeek(SQLModel, table=True):
    """A note to roll up a team's week again. Deleted, never updated, so that writers do not wait for each other."""

    __tablename__ = "stale_week"
    __table_args__ = (Index("stale_week_week", "organization_id", "team_id", "week"),)

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    team_id: int = count_column(nullable=False)
    week: date


class StaleCalibration(SQLModel, table=True):
    """A note to calibrate a team's intervals again. Deleted, never updated."""

    __tablename__ = "stale_calibration"

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    team_id: int = count_column(nullable=False)
    noted_at: datetime = created_column()


class Settlement(TokenColumns, RetryColumns, table=True):
    """The settlement of one team and UTC day, with the window totals that were settled.

    A day split by fitted rates depends on the days of the fit. When those change it waits as a `refit`, which may be
    postponed.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index("settlement_stale", "organization_id", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    state: str = state_column("waiting")
    settled_at: datetime | None = instant_column(default=None, nullable=True)
    method: str | None = Field(default=None)
    depends_from: date | None = Field(default=None, description="first day of the fit")
    depends_to: date | None = Field(default=None, description="last day of the fit")
    refit: bool = flag_column()


class IntervalCalibration(SQLModel, table=True):
    """Measured errors of a team's estimates: tokens with this evidence, summed over `pull_requests`.

    `low` and `high` are quantiles of log((true + offset) / (estimate + offset)), measured on `measured` pull requests
    of the team, or on simulated teams if 0.
    """

    __tablename__ = "interval_calibration"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    evidence: str = Field(primary_key=True)
    pull_requests: int = Field(primary_key=True)
    offset_tokens: int = count_column(nullable=False)
    low: float
    high: float
    measured: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    method: str
    calibrated_at: datetime = created_column()
