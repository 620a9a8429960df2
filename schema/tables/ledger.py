"""Token windows, the ledger, its rollups, and the settlement of team-days."""

from datetime import date, datetime

from sqlalchemy import ARRAY, Column, Float, Integer, String
from sqlmodel import Field

from schema.tables import columns
from vocabulary.basis import Basis
from vocabulary.tokens import TOKEN_KINDS


class TokenWindow(columns.Tenant, columns.TokenColumns, columns.EvidenceColumns, table=True):
    """Tokens of one team, hour (UTC) and dimension set; `window_id` is a digest of all three.

    `size_from` is the number of input tokens from which the price of its requests holds. `duration_ms` is the sum over
    `timed_requests`, `piece_cost_nano_usd` the part of the cost that is charged by piece.
    The team is checked by the foreign key of the intake totals.
    """

    __table_args__ = (
        columns.index("token_window_commit", "commit", where="commit IS NOT NULL"),
        columns.index("token_window_branch", "branch", where="branch IS NOT NULL"),
        columns.index("token_window_number", "number", where="number IS NOT NULL"),
        columns.index("token_window_artifact", "artifact", where="artifact IS NOT NULL"),
    )

    team_id: int = columns.count_key()
    hour: datetime = columns.instant(primary_key=True)
    window_id: bytes = columns.keyed_hash(primary_key=True)
    source: str
    provider: str
    model: str
    model_family: str
    context_tier: str
    workflow: str
    prompt_template: str
    service_tier: str = Field(default="", sa_column_kwargs={"server_default": ""})
    guardrail: str = columns.state("")
    size_from: int = columns.zero()
    requests: int = columns.zero()
    failed_requests: int = columns.zero()
    timed_requests: int = columns.zero()
    duration_ms: int = columns.zero()
    unpriced_tokens: int = columns.zero()
    cache_write_1h: int = columns.zero()
    web_searches: int = columns.zero()
    code_executions: int = columns.zero()
    piece_cost_nano_usd: int = columns.zero()
    basis: str = columns.state(Basis.MEASURED)


class DerivedWindow(columns.Tenant, columns.TokenColumns, table=True):
    """What one origin (a provider account, a gateway's bytes) added to a window, to be subtracted when it changes."""

    __table_args__ = (columns.references("team", "team_id"), columns.index("derived_window_hour", "team_id", "hour"))

    origin: str = Field(primary_key=True)
    team_id: int = columns.count_key()
    hour: datetime = columns.instant(primary_key=True)
    window_id: bytes = columns.keyed_hash(primary_key=True)
    requests: int = columns.zero()
    unpriced_tokens: int = columns.zero()
    cache_write_1h: int = columns.zero()
    web_searches: int = columns.zero()
    code_executions: int = columns.zero()
    piece_cost_nano_usd: int = columns.zero()


class Attribution(columns.TeamDay, columns.TokenColumns, table=True):
    """One ledger row: the share of a window attributed to a pull request, or to overhead (an empty artifact id).

    It has no foreign key and no more indexes, which would nearly double the time to write a year.
    """

    hour: datetime = columns.instant(primary_key=True)
    window_id: bytes = columns.keyed_hash(primary_key=True)
    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    evidence: str
    method: str


class AttributionRollup(columns.TeamDay, columns.TokenColumns, table=True):
    """The ledger summed by team, day, pull request, evidence, model and workflow, for metrics."""

    __table_args__ = (
        # Covers everything shown about a pull request, whose days are far apart in the table.
        columns.index(
            "attribution_rollup_spent",
            "artifact_id",
            include=["evidence", "model", "method", *TOKEN_KINDS, "cost_nano_usd"],
        ),
        columns.index("attribution_rollup_day", "day"),
    )

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    evidence: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)
    method: str


class MergedWeek(columns.Tenant, columns.TokenColumns, table=True):
    """Pull requests that a team merged in a week (from Monday, UTC), and all tokens attributed to them.

    `repository_tokens` and `cohort_tokens` are the part split by that evidence. `received_tokens` arrived in the week;
    None until its first day is summed.
    """

    __table_args__ = (
        columns.references("team", "team_id"),
        columns.index(
            "merged_week_week", "week", "team_id", where="merged_pull_requests > 0", include=["merged_pull_requests"]
        ),
    )

    team_id: int = columns.count_key()
    week: date = Field(primary_key=True)
    merged_pull_requests: int = columns.zero()
    repository_tokens: int = columns.zero()
    cohort_tokens: int = columns.zero()
    received_tokens: int | None = columns.count(default=None, nullable=True)


class StaleWeek(columns.Tenant, table=True):
    """A note to roll up a team's week again. Deleted, never updated, so that writers do not wait for each other."""

    __table_args__ = (columns.index("stale_week_week", "team_id", "week"),)

    note_id: int = columns.serial_key()
    team_id: int = columns.count(nullable=False)
    week: date


class StaleCalibration(columns.Tenant, table=True):
    """A note to calibrate a team's intervals again. Deleted, never updated."""

    note_id: int = columns.serial_key()
    team_id: int = columns.count(nullable=False)
    noted_at: datetime = columns.created()


class Settlement(columns.TeamDay, columns.TokenColumns, columns.RetryColumns, table=True):
    """The settlement of one team and UTC day, with the window totals that were settled.

    A day split by fitted rates depends on the days of the fit. When those change it waits as a `refit`, which may be
    postponed.
    """

    __table_args__ = (
        columns.references("team", "team_id"),
        columns.index("settlement_stale", "next_attempt_at", where="state = 'waiting'"),
        columns.index("settlement_unsettled", "team_id", "day", where="state <> 'processed'"),
    )

    state: str = columns.state("waiting")
    settled_at: datetime | None = columns.instant(default=None, nullable=True)
    method: str | None = Field(default=None)
    depends_from: date | None = Field(default=None, description="first day of the fit")
    depends_to: date | None = Field(default=None, description="last day of the fit")
    refit: bool = columns.flag()


class IntervalCalibration(columns.Tenant, table=True):
    """Measured errors of a team's estimates: tokens with this evidence, summed over `pull_requests`.

    `low` and `high` are quantiles of log((true + offset) / (estimate + offset)), measured on `measured` pull requests
    of the team, or on simulated teams if 0. `doubts` are what disturbs its estimates (`vocabulary.intervals.Doubt`),
    `direct_error` is the part of linked tokens that may be wrong.
    """

    __table_args__ = (columns.references("team", "team_id"),)

    team_id: int = columns.count_key()
    evidence: str = Field(primary_key=True)
    pull_requests: int = Field(primary_key=True)
    offset_tokens: int = columns.count(nullable=False)
    low: float
    high: float
    measured: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    method: str
    doubts: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False, server_default="{}"))
    direct_error: float = Field(sa_column=Column(Float, nullable=False, server_default="0"))
    calibrated_at: datetime = columns.created()
