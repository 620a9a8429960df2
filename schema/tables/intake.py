"""What arrives: connections to forges and the deliveries they send, token events and session evidence from agents."""

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
    """One GitHub App installation, or one registered webhook.

    `registration_id` is the App that the organization registered itself; `reported_at` the forge's time of its state.
    `summaries` switches on that figures are written to its pull requests.
    """

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
    base_url: str | None = Field(default=None, description="where the forge is, where its host alone does not tell")
    sealed_token: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: str = state_column("active")
    created_at: datetime = created_column()
    last_delivery_at: datetime | None = instant_column(default=None, nullable=True)
    registration_id: UUID | None = Field(default=None)
    reported_at: datetime | None = instant_column(default=None, nullable=True)
    summaries: bool = flag_column()
    summaries_failure: str | None = Field(default=None, description="why the forge lets none be written")


class Delivery(RetryColumns, table=True):
    """One webhook request or import as received. The body is sealed, and deleted some time after processing.

    An import comes by no connection; its event is `import.pull_requests` or `import.releases`.
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
    event: str = Field(description="the forge's name of the event")
    received_at: datetime = created_column()
    sealed_body: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: str = state_column(RowState.WAITING)
    reason: str | None = Field(default=None, description="why it was ignored")
    processed_at: datetime | None = instant_column(default=None, nullable=True)


class Import(SQLModel, table=True):
    """What became of the items of an import, in their order: new, changed, same or refused.

    The items are the body of the delivery. `reasons` says why an item was refused, without any value of the item.
    """

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
    """That a session was on a branch or made a commit at an instant; links the session's token events."""

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
    """Tokens received by team and UTC day, counted at the door: what the ledger is compared with. Cost stays 0 here.

    `summed_tokens` are those that the week's `received_tokens` hold.
    """

    __tablename__ = "intake_total"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index(
            "intake_total_not_summed",
            *("organization_id", "team_id", "day"),
            postgresql_where=text(NOT_SUMMED),
        ),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(primary_key=True)
    requests: int = zero_column()
    summed_tokens: int | None = count_column(default=None, nullable=True)
