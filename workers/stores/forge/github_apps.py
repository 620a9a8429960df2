"""App registrations waiting for their code exchange, and installations waiting for verification."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from schema.database import Tenant
from schema.github_apps import AppCredentials, AppVault
from schema.work_rows import WorkKind
from workers.forge_access.access import AppAccess
from workers.work_queue import WorkQueue

# Longer than the slowest exchange; afterwards another worker may claim what a killed one had.
LEASE = timedelta(minutes=3)

# A code works only once and an installation is looked up once, so an organization processes one of both at a time.
CODES = WorkQueue(WorkKind.GITHUB_APP, order="next_attempt_at", lock="github-apps", lease=LEASE)
INSTALLATIONS = WorkQueue(
    WorkKind.INSTALLATION,
    order="installation_claim.next_attempt_at",
    lock="github-apps",
    lease=LEASE,
    joins=(
        "JOIN github_app ON github_app.organization_id = {organization}"
        " AND github_app.registration_id = installation_claim.registration_id"
    ),
)

_CODE = "registration_id, base_url, sealed_code, expires_at"
_INSTALLATION = """
installation_claim.registration_id, installation_claim.installation_id, github_app.base_url,
github_app.sealed_credentials
"""

_REGISTER = """
UPDATE github_app
   SET state = 'registered', app_id = $3, sealed_credentials = $4, registered_at = now(), sealed_code = NULL,
       failure = $5
 WHERE organization_id = $1 AND registration_id = $2
"""

_RECORD_TRIAL = "UPDATE github_app SET failure = $3 WHERE organization_id = $1 AND registration_id = $2"

_FAIL = """
UPDATE github_app SET state = 'failed', failure = $3, sealed_code = NULL
 WHERE organization_id = $1 AND registration_id = $2
"""


@dataclass(frozen=True, slots=True)
class WaitingCode:
    """A registration with its code from GitHub, which is valid until `expires_at`."""

    organization_id: int
    registration_id: UUID
    access: AppAccess
    expires_at: datetime
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingInstallation:
    """An installation reported by a browser, and the App it should belong to."""

    organization_id: int
    registration_id: UUID
    installation_id: int
    access: AppAccess

    @property
    def key(self) -> tuple[UUID, int]:
        """Registration and installation."""
        return self.registration_id, self.installation_id


async def claim_code(tenant: Tenant, vault: AppVault) -> WaitingCode | None:
    """Claim and lease the next registration to finish."""
    found = await CODES.claim(tenant, _CODE, limit=1)
    if not found:
        return None
    row = found[0]
    await CODES.hold(tenant, [(row["registration_id"],)])
    access = AppAccess(row["registration_id"], row["base_url"])
    code = vault.text(tenant.organization_id, row["sealed_code"])
    return WaitingCode(tenant.organization_id, row["registration_id"], access, row["expires_at"], code)


async def register(
    tenant: Tenant, waiting: WaitingCode, vault: AppVault, credentials: AppCredentials, failure: str | None
) -> None:
    """Store the credentials, why GitHub does not accept them, if so, and delete the code."""
    sealed = vault.seal(waiting.organization_id, credentials)
    await tenant.execute(_REGISTER, waiting.registration_id, credentials.app_id, sealed, failure)


async def record_trial(tenant: Tenant, waiting: WaitingInstallation, failure: str | None) -> None:
    """Record whether the App works for an installation."""
    await tenant.execute(_RECORD_TRIAL, waiting.registration_id, failure)


async def fail(tenant: Tenant, waiting: WaitingCode, failure: str) -> None:
    """Record that this code cannot register the App."""
    await tenant.execute(_FAIL, waiting.registration_id, failure)


async def defer(tenant: Tenant, waiting: WaitingCode, until: datetime, failure: str) -> None:
    """Postpone until GitHub accepts requests."""
    await CODES.defer(tenant, [(waiting.registration_id,)], until, failure)


async def claim_installation(tenant: Tenant, vault: AppVault) -> WaitingInstallation | None:
    """Claim and lease the next installation to verify."""
    found = await INSTALLATIONS.claim(tenant, _INSTALLATION, limit=1)
    if not found:
        return None
    row = found[0]
    await INSTALLATIONS.hold(tenant, [(row["registration_id"], row["installation_id"])])
    app = vault.credentials(tenant.organization_id, row["sealed_credentials"])
    access = AppAccess(row["registration_id"], row["base_url"], app.app_id, app.private_key)
    return WaitingInstallation(tenant.organization_id, row["registration_id"], row["installation_id"], access)


async def complete_claim(tenant: Tenant, waiting: WaitingInstallation) -> None:
    """Record that GitHub confirmed the installation."""
    await INSTALLATIONS.complete(tenant, [waiting.key])


async def give_up_claim(tenant: Tenant, waiting: WaitingInstallation, failure: str) -> None:
    """Record that GitHub does not confirm the installation."""
    await INSTALLATIONS.give_up(tenant, [waiting.key], failure)


async def defer_claim(tenant: Tenant, waiting: WaitingInstallation, until: datetime, failure: str) -> None:
    """Postpone until GitHub accepts requests."""
    await INSTALLATIONS.defer(tenant, [waiting.key], until, failure)
