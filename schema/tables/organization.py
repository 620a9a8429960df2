"""The tenant, its teams, and its keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from schema.tables import columns


class Organization(SQLModel, table=True):
    """One company."""

    organization_id: int = columns.serial_key()
    name: str
    sealed_key: bytes = Field(sa_type=LargeBinary, description="key of its hashes, encrypted with the master secret")
    show_labels: bool = columns.flag()
    # The share of unlinked tokens that counts as exploration.
    exploratory_share: float = Field(default=0.2, sa_column_kwargs={"server_default": "0.2"})
    created_at: datetime = columns.created()


class Team(columns.Tenant, table=True):
    """A cohort with a size, never a list of people. `size_counted`: a team sync set the size, not an administrator."""

    __table_args__ = (
        columns.of_organization(),
        columns.index("team_name_key", "name", unique=True),
        columns.index("team_default_key", unique=True, where="is_default"),
    )

    team_id: int = columns.serial_key()
    name: str
    size: int | None = Field(default=None, description="people")
    size_counted: bool = columns.flag()
    is_default: bool = columns.flag()
    removed_at: datetime | None = columns.instant(default=None, nullable=True)
    created_at: datetime = columns.created()


class TeamTelemetry(columns.Tenant, table=True):
    """A `team.id` that agents send, and its team."""

    __table_args__ = (columns.references("team", "team_id"),)

    telemetry_id: str = Field(primary_key=True)
    team_id: int = columns.count(nullable=False)


class CodeOwner(columns.Tenant, table=True):
    """The hashed handle of a team or group in CODEOWNERS files, and its team."""

    __table_args__ = (columns.references("team", "team_id"),)

    owner: bytes = columns.keyed_hash(primary_key=True)
    team_id: int = columns.count(nullable=False)


class ApiKey(columns.Tenant, table=True):
    """An API key, of which only the SHA-256 is kept; may be pinned to one team."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.index("api_key_digest_key", "digest", unique=True),
    )

    key_id: UUID = Field(primary_key=True)
    name: str
    digest: bytes = Field(sa_type=LargeBinary)
    scopes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    team_id: int | None = columns.count(default=None, nullable=True)
    created_at: datetime = columns.created()
    revoked_at: datetime | None = columns.instant(default=None, nullable=True)
    expires_at: datetime | None = columns.instant(default=None, nullable=True)
    # Stored about once a minute.
    last_used_at: datetime | None = columns.instant(default=None, nullable=True)
