"""Spend: the ledger summed without artifacts, for questions about money and tokens."""

from datetime import date

from sqlmodel import Field

from schema.tables import columns


class SpendDay(columns.Tenant, columns.SpendColumns, table=True):
    """What a team spent on a UTC day by all dimensions, numbered; replaced as a whole.

    `stage` is the fate, and of merged work also whether it was released and reverted: `merged.released`.
    """

    __table_args__ = (
        columns.index("spend_day_repository", "repository_id", "day"),
        columns.index("spend_day_guardrail", "day", where="guardrail <> ''"),
    )

    team_id: int = columns.count_key()
    day: date = Field(primary_key=True)
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

    A team or repository that is split further is the `owner`, and has no days: `spend_day` finds those by it.
    """

    cut: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    first: str = Field(primary_key=True)
    second: str = Field(primary_key=True)


class StaleSpend(columns.Tenant, table=True):
    """A note to roll up spend again: of a team's day, or of all days of a pull request. Deleted, never updated."""

    __table_args__ = (
        columns.index("stale_spend_day", "day", "team_id"),
        columns.index("stale_spend_artifact", "artifact_id", where="artifact_id IS NOT NULL"),
    )

    note_id: int = columns.serial_key()
    team_id: int | None = columns.count(default=None, nullable=True)
    day: date | None = Field(default=None)
    artifact_id: bytes | None = columns.keyed_hash(default=None, nullable=True)
