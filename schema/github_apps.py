"""What is known of a registered GitHub App, and how it is kept: sealed under the organization that registered it."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from schema.encryption import Vault


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App as GitHub told of it once, when it was registered; its secrets show in no traceback.

    `page` is the App's page at the forge. An App without a webhook has an empty `webhook_secret`.
    """

    app_id: int
    page: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


class AppVault:
    """Seals and opens what a registration holds: the form for GitHub, the code that came back, the credentials."""

    def __init__(self, master_secret: str) -> None:
        self._vault = Vault(master_secret, "github-app")

    def seal(self, organization_id: int, value: Any) -> bytes:
        """Any JSON-like value, or a dataclass."""
        return self._vault.seal(organization_id, msgspec.json.encode(value))

    def credentials(self, organization_id: int, sealed: bytes) -> AppCredentials:
        """Sealed credentials; raises SetUpError under another master secret."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=AppCredentials)

    def text(self, organization_id: int, sealed: bytes) -> str:
        """A sealed text."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=str)

    def values(self, organization_id: int, sealed: bytes) -> dict[str, Any]:
        """A sealed object."""
        return msgspec.json.decode(self._vault.open(organization_id, sealed), type=dict[str, Any])
