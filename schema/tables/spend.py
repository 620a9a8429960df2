"""Spend: the ledger summed without artifacts, for questions about money and tokens."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Column, Date
from sqlmodel import Field

from schema.tables import columns
from vocabulary.spend_cuts import COSTS

_WORKED_ON = "state = 'merged' AND last_day IS NOT NULL"


class SpendDay(columns.TeamDay, columns.SpendColumns, table=True):
    """What a team spent on a UTC day by all dimensions, numbered; replaced as a whole.

    `stage` is the fate, and of merged work also whether it was released and reverted: `merged.released`.
    """

    __table_args__ = (
        columns.index("spend_day_repository", "repository_id", "day"),
        columns.index("spend_day_guardrail", "day", where="guardrail <> ''"),
    )

    cell: int = columns.count_key()
    provider: str
    model: str
    workflow: str
    context_tier: str
    prompt_template: str
    repository_id: bytes = columns.keyed_hash(description="empty if unknown")
    feature: str
    stage: str
    evidence: str
    guardrail: str = columns.state("")


class SpendCut(columns.Tenant, columns.SpendColumns, table=True):
    """Spend of a day, week or month (`grain`, from `period` on) by up to two dimensions, named in `cut`.

    A team or repository that is split further is the `owner`, and has no days: `spend_day` finds those by it. Other
    sums are also kept from the first day of a month, or year, to the end of the day, or month, that is the `period`.
    """

    cut: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    first: str = Field(primary_key=True)
    second: str = Field(primary_key=True)


class SpendWork(columns.TeamDay, columns.SpendColumns, table=True):
    """What a team spent on a UTC day by pull request (or none: an empty id) and model; replaced as a whole."""

    artifact_id: bytes = columns.keyed_hash(primary_key=True)
    provider: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    linked_tokens: int = columns.zero()


class PullRequestSpend(columns.OfArtifact, columns.CostColumns, columns.ReworkColumns, table=True):
    """What lists select a pull request by, and everything spent on it: the sum of `spend_work`.

    A merged one has the days on which tokens were spent on it, in order, and the list price of each.
    """

    __table_args__ = (
        *(columns.index(f"pull_request_spend_{name}", "state", name, "artifact_id") for name in COSTS),
        columns.index("pull_request_spend_team", "team_id", "merged_at"),
        columns.index("pull_request_spend_merged", "merged_at", where="state = 'merged'", include=COSTS),
        columns.index("pull_request_spend_last_day", "last_day", "list_nano_usd", "artifact_id", where=_WORKED_ON),
        columns.index("pull_request_spend_days", "last_day", "first_day", where=_WORKED_ON),
    )

    team_id: int = columns.count(nullable=False)
    state: str
    merged_at: datetime | None = columns.instant(default=None, nullable=True)
    is_bot: bool = columns.flag()
    tokens: int = columns.zero()
    linked_tokens: int = columns.zero()
    days: list[date] = Field(sa_column=Column(ARRAY(Date), nullable=False, server_default="{}"))
    day_costs: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}"))
    first_day: date | None = Field(default=None)
    last_day: date | None = Field(default=None)


class WorkedDay(columns.Tenant, table=True):
    """Merged pull requests by a day on which tokens were spent on them and the one before it (-infinity: none).

    Those with tokens in a period are those of its days whose day before is earlier than the period.
    """

    day: date = Field(primary_key=True)
    day_before: date = Field(primary_key=True)
    pull_requests: int = columns.zero()


class MergedWork(columns.OfArtifact, table=True):
    """What most tokens of a merged pull request were spent with, if any, beside the sums of it that this belongs to."""

    tokens: int = columns.zero()
    linked_tokens: int = columns.zero()
    list_nano_usd: int = columns.zero()
    output_tokens: int = columns.zero()
    context_tier: str | None = Field(default=None)
    model_family: str | None = Field(default=None)
    prompt_version: str | None = Field(default=None)


class MergedCut(columns.Tenant, columns.CostColumns, columns.ReworkColumns, table=True):
    """Pull requests by the day, week or month of their merge: by team, those of bots by team, or by steps of cost."""

    cut: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    value: int = columns.count_key()
    pull_requests: int = columns.zero()
    tokens: int = columns.zero()


class MergedPart(columns.OfArtifact, columns.KindColumns, columns.CostColumns, table=True):
    """What was spent on a merged pull request by evidence, model and workflow, and the day and groups it counts in.

    One part, which may have no tokens, counts the pull request.
    """

    __table_args__ = (columns.index("merged_part_team", "team_id", "day"),)

    evidence: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    workflow: str = Field(primary_key=True)
    team_id: int = columns.count(nullable=False)
    day: date
    repository_id: bytes = columns.keyed_hash(nullable=False)
    feature: str
    pull_requests: int = columns.zero()


class MergedSpend(columns.Tenant, columns.KindColumns, columns.CostColumns, table=True):
    """Sums of merged parts by the day, week or month of the merge and up to two dimensions, named in `cut`.

    `repository_tokens` and `cohort_tokens` are the part split by that evidence.
    """

    cut: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    first: str = Field(primary_key=True)
    second: str = Field(primary_key=True)
    pull_requests: int = columns.zero()
    repository_tokens: int = columns.zero()
    cohort_tokens: int = columns.zero()


class ReleaseSpend(columns.OfArtifact, columns.CostColumns, table=True):
    """The cost of what a release ships and was not reverted."""

    __table_args__ = tuple(columns.index(f"release_spend_{name}", name, "artifact_id") for name in COSTS)


class StaleSpend(columns.Tenant, table=True):
    """A note to roll up spend again: of a team's day, or of a pull request or release. Deleted, never updated."""

    __table_args__ = (
        columns.index("stale_spend_day", "day", "team_id"),
        columns.index("stale_spend_artifact", "artifact_id", where="artifact_id IS NOT NULL"),
    )

    note_id: int = columns.serial_key()
    team_id: int | None = columns.count(default=None, nullable=True)
    day: date | None = Field(default=None)
    artifact_id: bytes | None = columns.keyed_hash(default=None, nullable=True)
