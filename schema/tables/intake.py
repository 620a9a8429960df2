"""Connections to forges and their deliveries, imports, session evidence and intake totals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, String, text
from sqlmodel import Field

from schema.kinds import RowState
from schema.received_weeks import NOT_SUMMED
from schema.tables import columns


class Connection(columns.Tenant, table=True):
    """A GitHub App installation (`registration_id` if the App is the organization's own) or a webhook."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("github_app", "registration_id"),
        columns.index(
            *("connection_installation_key", "forge", "host", "installation_id"),
            unique=True,
            where="installation_id IS NOT NULL",
        ),
        Index("connection_installation", "installation_id", postgresql_where=text("installation_id IS NOT NULL")),
    )

    connection_id: UUID = Field(primary_key=True)
    forge: str = Field(description="github or gitlab")
    host: str = Field(description="forge host, such as github.com")
    installation_id: int | None = columns.count(default=None, nullable=True)
    sealed_secret: bytes | None = columns.sealed()
    base_url: str | None = Field(default=None, description="URL of the forge if it is not https://host")
    sealed_token: bytes | None = columns.sealed()
    state: str = columns.state("active")
    created_at: datetime = columns.created()
    last_delivery_at: datetime | None = columns.instant(default=None, nullable=True)
    registration_id: UUID | None = Field(default=None)
    reported_at: datetime | None = columns.instant(default=None, nullable=True, description="forge time of the state")
    summaries: bool = columns.flag()
    summaries_failure: str | None = Field(default=None, description="a reason of schema/failures.py, and the answer")


class Delivery(columns.Tenant, columns.RetryColumns, table=True):
    """A webhook request or import as received; the sealed body is deleted after processing.

    An import has no connection; its event is `import.pull_requests` or `import.releases`.
    """

    __table_args__ = (
        columns.references("connection", "connection_id"),
        columns.index("delivery_deduplication_key", "connection_id", "deduplication_key", unique=True),
        columns.index("delivery_waiting", "next_attempt_at", "delivery_id", where="state = 'waiting'"),
        columns.index("delivery_dead", "next_attempt_at", where="state = 'dead'"),
        columns.index(
            *("delivery_waiting_import", "next_attempt_at", "delivery_id"),
            where="state = 'waiting' AND connection_id IS NULL",
        ),
        Index("delivery_retention", "processed_at", postgresql_where=text("sealed_body IS NOT NULL")),
    )

    delivery_id: int = columns.serial_key()
    connection_id: UUID | None = Field(default=None)
    deduplication_key: str = Field(description="keyed hash of the body, webhook id, or import id")
    event: str
    received_at: datetime = columns.created()
    sealed_body: bytes | None = columns.sealed()
    state: str = columns.state(RowState.WAITING)
    reason: str | None = Field(default=None, description="why it was ignored")
    processed_at: datetime | None = columns.instant(default=None, nullable=True)


class Import(columns.Tenant, table=True):
    """The outcomes of an import's items, in order, and why items were refused. The delivery's body holds the items."""

    __table_args__ = (
        columns.references("delivery", "delivery_id"),
        columns.index("import_delivery", "delivery_id", unique=True),
    )

    import_id: UUID = Field(primary_key=True)
    delivery_id: int = columns.count()
    received: int = Field(description="number of items")
    begun_at: datetime | None = columns.instant(default=None, nullable=True)
    outcomes: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String), nullable=True))
    reasons: list[str | None] | None = Field(default=None, sa_column=Column(ARRAY(String), nullable=True))


class SessionEvidence(columns.Tenant, columns.EvidenceColumns, table=True):
    """A session was on a branch, made a commit or opened a pull request at an instant; links its token events.

    `is_start`: only where the process began, at the latest then. `source` is how it is known: hook, record and so on.
    """

    __table_args__ = (
        columns.index("session_evidence_waiting", where="state = 'waiting'"),
        columns.index("session_evidence_session", "session", "occurred_at"),
        columns.index("session_evidence_branch", "branch", where="branch IS NOT NULL"),
        Index("session_evidence_retention", "received_at"),
    )

    evidence_id: bytes = columns.keyed_hash(primary_key=True)
    session: bytes = columns.keyed_hash(nullable=False)
    occurred_at: datetime = columns.instant(nullable=False)
    received_at: datetime = columns.created()
    state: str = columns.state(RowState.WAITING)
    source: str = columns.state("record")
    is_start: bool = columns.flag()


class IntakeTotal(columns.TeamDay, columns.TokenColumns, table=True):
    """Tokens received by team and UTC day, which the ledger must equal. Cost stays 0.

    `summed_tokens` is the part that the week's `received_tokens` include, the others are those of the other sums.
    """

    __table_args__ = (
        columns.references("team", "team_id"),
        columns.index("intake_total_to_sum", "team_id", "day", where=NOT_SUMMED),
        columns.index("intake_total_day", "day"),
    )

    requests: int = columns.zero()
    summed_tokens: int | None = columns.count(default=None, nullable=True)
    summed_input_uncached: int | None = columns.count(default=None, nullable=True)
    summed_cache_read: int | None = columns.count(default=None, nullable=True)
    summed_cache_write: int | None = columns.count(default=None, nullable=True)
    summed_output_visible: int | None = columns.count(default=None, nullable=True)
    summed_output_reasoning: int | None = columns.count(default=None, nullable=True)


class ReceivedDay(columns.Tenant, columns.KindColumns, table=True):
    """Tokens that all teams received on a UTC day, without those that `intake_total` has not added yet."""

    day: date = Field(primary_key=True)


class ReceivedCut(columns.Tenant, columns.KindColumns, table=True):
    """Tokens that a team received in a week or month (`grain`, from `period` on), as its days have been summed."""

    grain: str = Field(primary_key=True)
    period: date = Field(primary_key=True)
    team_id: int = columns.count_key()
