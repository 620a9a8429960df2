"""Credentials of a registered GitHub App, sealed under the organization that registered it."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from schema.encryption import Vault
from schema.key_ring import KeyRing


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App as GitHub returned it at registration. Its secrets never appear in a traceback.

    `page` is the URL of the App at the forge. An App without a webhook has an empty `webhook_secret`.
    """

    app_id: int
    page: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


class AppVault:
    """Seals and opens the values of a registration: the form for GitHub, the returned code, the credentials."""

    def __init__(self, ring: KeyRing) -> None:
        self._vault = Vault(ring, "github-app")

    def seal(self, organization_id: int, value: Any) -> bytes:
        """Seal a JSON-like value or a dataclass."""
        return self._vault.seal(organization_id, msgspec.json.encode(value))

    def credentials(self, organization_id: int, sealed: bytes) -> AppCredentials:
        """Open sealed credentials. Raises SetUpError if the master secret has changed."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=AppCredentials)

    def text(self, organization_id: int, sealed: bytes) -> str:
        """Open a sealed string."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=str)

    def values(self, organization_id: int, sealed: bytes) -> dict[str, Any]:
        """Open a sealed JSON object."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=dict[str, Any])
