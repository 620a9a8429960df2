"""An RSA key of Azure Key Vault: `azure-key-vault:https://NAME.vault.azure.net/keys/KEY`.

Credentials are those of Azure's default chain (environment, managed identity, command line).
https://learn.microsoft.com/en-us/rest/api/keyvault/keys/wrap-key/wrap-key
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import DefaultAzureCredential

from key_services.rest import post
from schema.errors import SetUpError, UnavailableError

SCOPE = "https://vault.azure.net/.default"
ALGORITHM = "RSA-OAEP-256"
VERSION = "7.4"


class AzureService:
    """Wraps with the newest version of the key, whose address is kept with the wrapped data key."""

    def __init__(self, address: str, *, credential: Any = None) -> None:
        if "/keys/" not in address:
            raise SetUpError(f"{address} is not the address of a key; write https://NAME.vault.azure.net/keys/KEY")
        self._address, self._credential = address.rstrip("/"), credential or DefaultAzureCredential()

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        answer = self._call(self._address, "wrapkey", plain)
        return json.dumps({"key": answer["kid"], "value": answer["value"]}).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key; raises SetUpError for one that another key wrapped."""
        kept = json.loads(wrapped)
        if not str(kept["key"]).startswith(f"{self._address}/"):
            raise SetUpError(f"{self._address} did not wrap this data key")
        return _decoded(self._call(kept["key"], "unwrapkey", _decoded(kept["value"]))["value"])

    def _call(self, key: str, operation: str, value: bytes) -> Any:
        try:
            token = self._credential.get_token(SCOPE).token
        except ServiceRequestError as error:
            raise UnavailableError("Azure's sign-in cannot be reached; try again in a moment") from error
        except ClientAuthenticationError as error:
            raise SetUpError("Key Vault cannot be used; check the credentials of Azure") from error
        body = {"alg": ALGORITHM, "value": urlsafe_b64encode(value).decode().rstrip("=")}
        headers = {"Authorization": f"Bearer {token}"}
        return post("Key Vault", f"{key}/{operation}?api-version={VERSION}", headers, body)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
