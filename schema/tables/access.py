"""Who may open the dashboard, and what administrators did. People are keyed hashes, never names or addresses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlmodel import Field

from schema.tables import columns


class SignInLink(columns.Tenant, table=True):
    """A link that opens the dashboard once; only the SHA-256 of its token is kept."""

    __table_args__ = (columns.of_organization(), columns.references("team", "team_id"))

    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    role: str = columns.state("owner")
    team_id: int | None = columns.count(default=None, nullable=True)
    expires_at: datetime = columns.instant(nullable=False)
    used_at: datetime | None = columns.instant(default=None, nullable=True)


class SharedLink(columns.Tenant, table=True):
    """A read-only link to one view, of which only the SHA-256 of the token is kept. The view may name a repository."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.index("shared_link_digest_key", "digest", unique=True),
    )

    link_id: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    sealed_view: bytes = Field(sa_type=LargeBinary)
    team_id: int | None = columns.count(default=None, nullable=True)
    created_by: str
    created_at: datetime = columns.created()
    expires_at: datetime = columns.instant(nullable=False)
    revoked_at: datetime | None = columns.instant(default=None, nullable=True)
    times_opened: int = columns.zero()
    opened_at: datetime | None = columns.instant(default=None, nullable=True)


class DashboardSession(columns.Tenant, table=True):
    """A signed-in browser; only the SHA-256 of its cookie is kept."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.references("shared_link", "shared_link_id", to="link_id"),
    )

    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    role: str
    team_id: int | None = columns.count(default=None, nullable=True)
    actor: str = Field(description="a member or link, as the audit log names it")
    member: bytes | None = columns.keyed_hash(default=None, nullable=True)
    shared_link_id: UUID | None = Field(default=None)
    started_at: datetime = columns.created()
    seen_at: datetime = columns.created()
    expires_at: datetime = columns.instant(nullable=False)


class SignInRule(columns.Tenant, table=True):
    """Which people of an identity provider get which role: those of a group, or of a domain of mail addresses."""

    __table_args__ = (
        columns.of_organization(),
        columns.references("team", "team_id"),
        columns.index("sign_in_rule_value_key", "provider", "kind", "value", unique=True),
    )

    rule_id: int = columns.serial_key()
    provider: str = Field(description="oidc, github or gitlab")
    kind: str = Field(description="group or domain")
    value: str
    role: str
    team_id: int | None = columns.count(default=None, nullable=True)
    created_at: datetime = columns.created()


class Member(columns.Tenant, table=True):
    """A person who signed in through a provider, as the keyed hash of its subject; a fixed role overrules the rules."""

    __table_args__ = (columns.of_organization(), columns.references("team", "team_id"))

    member: bytes = columns.keyed_hash(primary_key=True)
    provider: str
    role: str
    team_id: int | None = columns.count(default=None, nullable=True)
    is_fixed: bool = columns.flag()
    created_at: datetime = columns.created()
    signed_in_at: datetime = columns.created()
    removed_at: datetime | None = columns.instant(default=None, nullable=True)


class AuditEntry(columns.Tenant, table=True):
    """An act of an administrator: when, with which key or role, what, and the id of what was changed."""

    __table_args__ = (columns.of_organization(),)

    entry_id: int = columns.serial_key()
    acted_at: datetime = columns.created()
    actor: str
    action: str
    subject: str = columns.state("")
