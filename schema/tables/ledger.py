"""What is derived: token windows, the ledger, its rollup, and which team-days are settled."""

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
    """Tokens of one team, hour (UTC) and dimension set; `window_id` is a digest of team, hour and dimensions.

    `duration_ms` is that of all `timed_requests`, those which told how long they took. That a team is known is checked
    once a day of it, by its intake totals, and not once a window.
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
    """What one origin of sums (an account of a provider, bytes of a gateway) laid into a window, to be taken back."""

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
    """One ledger row: the share of one window given to one pull request, or to overhead (an empty artifact id).

    Only settlements write them, so their team is known to be one of the organization's. Checking that for every row, or
    keeping an index that nothing reads by, would nearly double the time to write a year.
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
    """The ledger summed by day, pull request, evidence, model, workflow and repository: what metrics read."""

    __tablename__ = "attribution_rollup"
    __table_args__ = (
        # With all that is shown of a pull request, whose days lie far apart in the table.
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
    """What a team merged in one week (from Monday, UTC) and everything attributed to it, whenever it was spent.

    `repository_tokens` and `cohort_tokens` are those of all tokens that were split by that evidence. `received_tokens`
    arrived in that week, as far as its days are summed; None while none of them is.
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
    """A note that what a team merged in a week, or what that cost, has changed since it was summed.

    Notes are added and taken away but never changed, so that nobody who makes one waits for another.
    """

    __tablename__ = "stale_week"
    __table_args__ = (Index("stale_week_week", "organization_id", "team_id", "week"),)

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    team_id: int = count_column(nullable=False)
    week: date


class StaleCalibration(SQLModel, table=True):
    """A note that days of a team were settled since its intervals were calibrated. Taken away, never changed."""

    __tablename__ = "stale_calibration"

    organization_id: int = organization_column()
    note_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    team_id: int = count_column(nullable=False)
    noted_at: datetime = created_column()


class Settlement(TokenColumns, RetryColumns, table=True):
    """One team and UTC day: whether its ledger is up to date, and the window totals that were settled.

    A day whose tokens were shared by fitted rates depends on the days that those were fitted on. When they change it
    waits to be settled again as a `refit`, which may be put off.
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
    depends_from: date | None = Field(default=None, description="first day that fitted rates were read from")
    depends_to: date | None = Field(default=None, description="and the last one")
    refit: bool = flag_column()


class IntervalCalibration(SQLModel, table=True):
    """Measured errors of a team's estimates: of tokens pooled by this evidence, summed over so many pull requests.

    `low` and `high` are quantiles of log((true + offset) / (estimate + offset)). `measured` counts the team's own pull
    requests that they were measured on; 0 where those of simulated teams stand in.
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
