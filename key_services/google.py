"""A key of Google Cloud KMS: `gcp-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K`.

Credentials are Google's application default credentials.
https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt
"""

from base64 import b64decode, b64encode
from typing import Any

import google.auth
import google.auth.exceptions
import google.auth.transport.requests

from key_services.rest import post
from schema.errors import SetUpError, UnavailableError

ENDPOINT = "https://cloudkms.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/cloudkms",)
BOUND_TO = b64encode(b"shipledger/data-key").decode()


class GoogleService:
    """Wraps with the key's encrypt method, which uses the primary version; decrypt finds the version itself."""

    def __init__(self, name: str, *, endpoint: str = ENDPOINT, credentials: Any = None) -> None:
        self._url, self._credentials = f"{endpoint}/v1/{name}", credentials

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        return b64decode(self._call("encrypt", plaintext=b64encode(plain).decode())["ciphertext"])

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key."""
        return b64decode(self._call("decrypt", ciphertext=b64encode(wrapped).decode())["plaintext"])

    def _call(self, method: str, **body: str) -> Any:
        headers = {"Authorization": f"Bearer {self._token()}"}
        return post("Cloud KMS", f"{self._url}:{method}", headers, {**body, "additionalAuthenticatedData": BOUND_TO})

    def _token(self) -> str:
        try:
            if self._credentials is None:
                self._credentials, _ = google.auth.default(scopes=SCOPES)
            if not self._credentials.valid:
                self._credentials.refresh(google.auth.transport.requests.Request())
        except google.auth.exceptions.TransportError as error:
            raise UnavailableError("Google's sign-in cannot be reached; try again in a moment") from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise SetUpError(f"Cloud KMS cannot be used ({type(error).__name__}); check the credentials") from error
        return str(self._credentials.token)
