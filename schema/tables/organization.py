"""The tenant, its teams, and its keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Identity, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schema.tables.columns import (
    count_column,
    created_column,
    flag_column,
    hash_column,
    instant_column,
    organization_column,
)


class Organization(SQLModel, table=True):
    """One company."""

    __tablename__ = "organization"

    organization_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    name: str
    sealed_key: bytes = Field(sa_type=LargeBinary, description="key of its hashes, encrypted with the master secret")
    show_labels: bool = flag_column()
    # The share of unlinked tokens that counts as exploration.
    exploratory_share: float = Field(default=0.2, sa_column_kwargs={"server_default": "0.2"})
    created_at: datetime = created_column()


class Team(SQLModel, table=True):
    """A cohort with a size, never a list of people. `size_counted`: a team sync set the size, not an administrator."""

    __tablename__ = "team"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        Index("team_name_key", "organization_id", "name", unique=True),
        Index("team_default_key", "organization_id", unique=True, postgresql_where=text("is_default")),
    )

    organization_id: int = organization_column()
    team_id: int = Field(sa_column=Column(BigInteger, Identity(), primary_key=True))
    name: str
    size: int | None = Field(default=None, description="people")
    size_counted: bool = flag_column()
    is_default: bool = flag_column()
    removed_at: datetime | None = instant_column(default=None, nullable=True)
    created_at: datetime = created_column()


class TeamTelemetry(SQLModel, table=True):
    """A `team.id` that agents send, and its team."""

    __tablename__ = "team_telemetry"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    telemetry_id: str = Field(primary_key=True)
    team_id: int = count_column(nullable=False)


class CodeOwner(SQLModel, table=True):
    """The hashed handle of a team or group in CODEOWNERS files, and its team."""

    __tablename__ = "code_owner"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),)

    organization_id: int = organization_column()
    owner: bytes = hash_column(primary_key=True)
    team_id: int = count_column(nullable=False)


class ApiKey(SQLModel, table=True):
    """An API key, of which only the SHA-256 is kept; may be pinned to one team."""

    __tablename__ = "api_key"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        Index("api_key_digest_key", "organization_id", "digest", unique=True),
    )

    organization_id: int = organization_column()
    key_id: UUID = Field(primary_key=True)
    name: str
    digest: bytes = Field(sa_type=LargeBinary)
    scopes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    team_id: int | None = count_column(default=None, nullable=True)
    created_at: datetime = created_column()
    revoked_at: datetime | None = instant_column(default=None, nullable=True)


class SignInLink(SQLModel, table=True):
    """A link that opens the dashboard once; only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in_link"
    __table_args__ = (ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),)

    organization_id: int = organization_column()
    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    expires_at: datetime = instant_column(nullable=False)
    used_at: datetime | None = instant_column(default=None, nullable=True)
