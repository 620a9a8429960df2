"""The API access of a connection, and of a registered GitHub App."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AppInstallation:
    """An installation of a registered App. `reported_at` changes with its permissions, which an old token lacks."""

    app_id: int
    installation_id: int
    private_key: str = field(repr=False)
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Access to a connection's forge API by token or as an installation. Secrets are hidden from tracebacks."""

    connection_id: UUID
    forge: str
    host: str
    base_url: str
    token: str | None = field(default=None, repr=False)
    installation: AppInstallation | None = None


@dataclass(frozen=True, slots=True)
class AppAccess:
    """Access of an App registration to its server; without a key it can only exchange its manifest code."""

    registration_id: UUID
    base_url: str
    app_id: int | None = None
    private_key: str | None = field(default=None, repr=False)
