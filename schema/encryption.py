"""Encryption at rest: raw delivery bodies, connection secrets and organization keys, under one master secret.

AES-256-GCM with a key derived per purpose (HKDF-SHA256). The purpose and the organization are authenticated with each
ciphertext, so that a row copied into another organization cannot be read there.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from isal import isal_zlib

from schema.errors import SetUpError

NONCE_BYTES = 12
# The quickest level: bodies shrink to a sixth, and to a seventh at twice the cost. The format is zlib's in any case.
LEVEL = 0


def derive_key(master_secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose; raises SetUpError when there is no master secret."""
    if not master_secret:
        raise SetUpError("SHIPLEDGER_SECRET_KEY is not set; create one with: openssl rand -hex 32")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"shipledger/{purpose}".encode()).derive(
        master_secret.encode()
    )


class Vault:
    """Seals and opens bytes of an organization for one purpose (`body`, `secret` or `organization-key`)."""

    def __init__(self, master_secret: str, purpose: str) -> None:
        self._purpose = purpose
        self._cipher = AESGCM(derive_key(master_secret, purpose))

    def _bound_to(self, organization_id: int) -> bytes:
        return f"{self._purpose}/{organization_id}".encode()

    def seal(self, organization_id: int, plain: bytes) -> bytes:
        """Compressed, then encrypted; the nonce comes first."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, isal_zlib.compress(plain, LEVEL), self._bound_to(organization_id))

    def open(self, organization_id: int, sealed: bytes) -> bytes:
        """What was sealed; raises SetUpError when it was sealed under another master secret or organization."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound_to(organization_id))
        except InvalidTag as error:
            raise SetUpError(
                "a stored secret cannot be decrypted; set SHIPLEDGER_SECRET_KEY to the key that it was stored with"
            ) from error
        return isal_zlib.decompress(plain)
