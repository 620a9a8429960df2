"""Connections to forges and their deliveries, imports, session evidence and intake totals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, ForeignKeyConstraint, Identity, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from schema.kinds import RowState
from schema.received_weeks import NOT_SUMMED
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


class Connection(SQLModel, table=True):
    """A GitHub App installation (`registration_id` if the App is the organization's own) or a webhook."""

    __tablename__ = "connection"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "registration_id"], ["github_app.organization_id", "github_app.registration_id"]
        ),
        Index(
            "connection_installation_key",
            "organization_id",
            "forge",
            "host",
            "installation_id",
            unique=True,
            postgresql_where=text("installation_id IS NOT NULL"),
        ),
        Index("connection_installation", "installation_id", postgresql_where=text("installation_id IS NOT NULL")),
    )

    organization_id: int = organization_column()
    connection_id: UUID = Field(primary_key=True)
    forge: str = Field(description="github or gitlab")
    host: str = Field(description="forge host, such as github.com")
    installation_id: int | None = count_column(default=None, nullable=True)
    sealed_secret: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    base_url: str | None = Field(default=None, description="URL of the forge if it is not https://host")
    sealed_token: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: str = state_column("active")
    created_at: datetime = created_column()
    last_delivery_at: datetime | None = instant_column(default=None, nullable=True)
    registration_id: UUID | None = Field(default=None)
    reported_at: datetime | None = instant_column(default=None, nullable=True, description="forge time of the state")
    summaries: bool = flag_column()
    summaries_failure: str | None = Field(default=None, description="a reason of schema/failures.py")


class Delivery(RetryColumns, table=True):
    """A webhook request or import as received; the sealed body is deleted after processing.

    An import has no connection; its event is `import.pull_requests` or `import.releases`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        Index("delivery_deduplication_key", "organization_id", "connection_id", "deduplication_key", unique=True),
        Index(
            "delivery_waiting",
            "organization_id",
            "next_attempt_at",
            "delivery_id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "delivery_waiting_import",
            "organization_id",
            "next_attempt_at",
            "delivery_id",
            postgresql_where=text("state = 'waiting' AND connection_id IS NULL"),
        ),
        Index("delivery_retention", "processed_at", postgresql_where=text("sealed_body IS NOT NULL")),
    )

    organization_id: int = organization_column()
    delivery_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    connection_id: UUID | None = Field(default=None)
    deduplication_key: str = Field(description="hook id and delivery GUID, webhook id, or import id")
    event: str
    received_at: datetime = created_column()
    sealed_body: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: str = state_column(RowState.WAITING)
    reason: str | None = Field(default=None, description="why it was ignored")
    processed_at: datetime | None = instant_column(default=None, nullable=True)


class Import(SQLModel, table=True):
    """The outcomes of an import's items, in order, and why items were refused. The delivery's body holds the items."""

    __tablename__ = "import"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.delivery_id"]),
        Index("import_delivery", "organization_id", "delivery_id", unique=True),
    )

    organization_id: int = organization_column()
    import_id: UUID = Field(primary_key=True)
    delivery_id: int = count_column()
    received: int = Field(description="number of items")
    begun_at: datetime | None = instant_column(default=None, nullable=True)
    outcomes: list[str] | None = Field(default=None, sa_column=Column(ARRAY(String), nullable=True))
    reasons: list[str | None] | None = Field(default=None, sa_column=Column(ARRAY(String), nullable=True))


class SessionEvidence(EvidenceColumns, table=True):
    """A session was on a branch or made a commit at an instant; links the session's token events."""

    __tablename__ = "session_evidence"
    __table_args__ = (
        Index("session_evidence_waiting", "organization_id", postgresql_where=text("state = 'waiting'")),
        Index("session_evidence_session", "organization_id", "session", "occurred_at"),
        Index("session_evidence_branch", "organization_id", "branch", postgresql_where=text("branch IS NOT NULL")),
        Index("session_evidence_retention", "received_at"),
    )

    organization_id: int = organization_column()
    evidence_id: bytes = hash_column(primary_key=True)
    session: bytes = hash_column(nullable=False)
    occurred_at: datetime = instant_column(nullable=False)
    received_at: datetime = created_column()
    state: str = state_column(RowState.WAITING)


class IntakeTotal(TokenColumns, table=True):
    """Tokens received by team and UTC day, which the ledger must equal. Cost stays 0.

    `summed_tokens` is the part that the week's `received_tokens` include.
    """

    __tablename__ = "intake_total"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index("intake_total_not_summed", "organization_id", "team_id", "day", postgresql_where=text(NOT_SUMMED)),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    requests: int = zero_column()
    summed_tokens: int | None = count_column(default=None, nullable=True)
