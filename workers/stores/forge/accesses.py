"""Stored access to a connection's forge: an access token, or an installation of a registered App."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from schema.database import Tenant
from schema.encryption import Vault
from schema.github_apps import AppVault
from schema.key_ring import KeyRing
from workers.forge_access.access import Access, AppInstallation

# For a query with `connection` and, by `APP`, its App in its FROM; `$1` is the organization.
COLUMNS = """
connection.connection_id, connection.forge, connection.host, connection.base_url, connection.sealed_token,
connection.installation_id, connection.reported_at, github_app.app_id, github_app.sealed_credentials
"""
APP = """
LEFT JOIN github_app ON github_app.organization_id = $1 AND github_app.registration_id = connection.registration_id
"""

_LOAD = f"""
SELECT {COLUMNS} FROM connection {APP}
 WHERE connection.organization_id = $1 AND connection.connection_id = $2 AND connection.state = 'active'
"""  # noqa: S608 - constants above


class AccessVaults:
    """Opens the sealed access of connections."""

    def __init__(self, ring: KeyRing) -> None:
        self._tokens = Vault(ring, "token")
        self._apps = AppVault(ring)

    def access(self, organization_id: int, row: Mapping[str, Any]) -> Access | None:
        """Return the access of a row with `COLUMNS`, by token before installation; None without one."""
        base_url = row["base_url"] or f"https://{row['host']}"
        place = (row["connection_id"], row["forge"], row["host"], base_url)
        if row["sealed_token"] is not None:
            return Access(*place, token=self._tokens.open(organization_id, row["sealed_token"]).decode())
        if row["sealed_credentials"] is None or row["installation_id"] is None:
            return None
        app = self._apps.credentials(organization_id, row["sealed_credentials"])
        return Access(
            *place,
            installation=AppInstallation(app.app_id, row["installation_id"], app.private_key, row["reported_at"]),
        )


async def load_access(tenant: Tenant, vaults: AccessVaults, connection_id: UUID) -> Access | None:
    """Return the access of an active connection; None if it is not active or has no access."""
    row = await tenant.fetchrow(_LOAD, connection_id)
    return None if row is None else vaults.access(tenant.organization_id, row)
