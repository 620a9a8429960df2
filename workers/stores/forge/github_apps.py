"""Registrations of Apps whose code waits to be exchanged, and installations that wait to be verified."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from schema.database import Tenant
from schema.github_apps import AppCredentials, AppVault
from workers.forges.clients import AppAccess

# A code is good for one exchange and an installation is asked for once, so an organization has one of both under way.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('github-apps', $1::bigint))"

# Longer than an exchange takes at its slowest; after it, what a killed worker had is anybody's.
LEASE = timedelta(minutes=3)

_CLAIM_REGISTRATION = """
UPDATE github_app SET next_attempt_at = now() + $2::interval
 WHERE organization_id = $1 AND registration_id = (
       SELECT registration_id FROM github_app
        WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT 1)
RETURNING registration_id, base_url, sealed_code, expires_at
"""

_REGISTER = """
UPDATE github_app
   SET state = 'registered', app_id = $3, sealed_credentials = $4, registered_at = now(), sealed_code = NULL,
       failure = NULL
 WHERE organization_id = $1 AND registration_id = $2
"""

_FAIL = """
UPDATE github_app SET state = 'failed', failure = $3, sealed_code = NULL
 WHERE organization_id = $1 AND registration_id = $2
"""

_DEFER = """
UPDATE github_app SET next_attempt_at = $3, failure = $4 WHERE organization_id = $1 AND registration_id = $2
"""

_CLAIM_INSTALLATION = """
UPDATE installation_claim AS claim SET next_attempt_at = now() + $2::interval
  FROM github_app
 WHERE claim.organization_id = $1 AND github_app.organization_id = $1
   AND github_app.registration_id = claim.registration_id
   AND (claim.registration_id, claim.installation_id) = (
       SELECT registration_id, installation_id FROM installation_claim
        WHERE organization_id = $1 AND state = 'waiting' AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT 1)
RETURNING claim.registration_id, claim.installation_id, github_app.base_url, github_app.sealed_credentials
"""

_END_CLAIM = """
UPDATE installation_claim SET state = $4, failure = $5
 WHERE organization_id = $1 AND registration_id = $2 AND installation_id = $3
"""

_DEFER_CLAIM = """
UPDATE installation_claim SET next_attempt_at = $4, failure = $5
 WHERE organization_id = $1 AND registration_id = $2 AND installation_id = $3
"""


@dataclass(frozen=True, slots=True)
class WaitingCode:
    """A registration with the code that GitHub gave for it; the code is good until `expires_at`."""

    organization_id: int
    registration_id: UUID
    access: AppAccess
    expires_at: datetime
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingInstallation:
    """An installation that a browser told of, and the App that it shall be of."""

    organization_id: int
    registration_id: UUID
    installation_id: int
    access: AppAccess

    @property
    def key(self) -> tuple[UUID, int]:
        """Registration and installation."""
        return self.registration_id, self.installation_id


async def claim_code(tenant: Tenant, vault: AppVault) -> WaitingCode | None:
    """The next registration to finish, for as long as the lease lasts."""
    await tenant.execute(_LOCK)
    row = await tenant.fetchrow(_CLAIM_REGISTRATION, LEASE)
    if row is None:
        return None
    access = AppAccess(row["registration_id"], row["base_url"])
    code = vault.text(tenant.organization_id, row["sealed_code"])
    return WaitingCode(tenant.organization_id, row["registration_id"], access, row["expires_at"], code)


async def register(tenant: Tenant, waiting: WaitingCode, vault: AppVault, credentials: AppCredentials) -> None:
    """Keep the credentials; the code is of no more use."""
    sealed = vault.seal(waiting.organization_id, credentials)
    await tenant.execute(_REGISTER, waiting.registration_id, credentials.app_id, sealed)


async def fail(tenant: Tenant, waiting: WaitingCode, reason: str) -> None:
    """The App will not be registered by this code."""
    await tenant.execute(_FAIL, waiting.registration_id, reason)


async def defer(tenant: Tenant, waiting: WaitingCode, until: datetime, reason: str) -> None:
    """GitHub will not be asked before an instant."""
    await tenant.execute(_DEFER, waiting.registration_id, until, reason)


async def claim_installation(tenant: Tenant, vault: AppVault) -> WaitingInstallation | None:
    """The next installation to ask GitHub for, for as long as the lease lasts."""
    await tenant.execute(_LOCK)
    row = await tenant.fetchrow(_CLAIM_INSTALLATION, LEASE)
    if row is None:
        return None
    app = vault.credentials(tenant.organization_id, row["sealed_credentials"])
    access = AppAccess(row["registration_id"], row["base_url"], app.app_id, app.private_key)
    return WaitingInstallation(tenant.organization_id, row["registration_id"], row["installation_id"], access)


async def end_claim(tenant: Tenant, waiting: WaitingInstallation, state: str, failure: str | None = None) -> None:
    """GitHub confirmed it, or will not."""
    await tenant.execute(_END_CLAIM, *waiting.key, state, failure)


async def defer_claim(tenant: Tenant, waiting: WaitingInstallation, until: datetime, reason: str) -> None:
    """GitHub will not be asked before an instant."""
    await tenant.execute(_DEFER_CLAIM, *waiting.key, until, reason)
