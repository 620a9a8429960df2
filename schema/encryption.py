"""Encryption at rest of delivery bodies, connection secrets and organization keys, with one master secret.

AES-256-GCM with a key derived per purpose (HKDF-SHA256). Purpose and organization are authenticated with each
ciphertext, so that a row copied into another organization cannot be decrypted there.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from isal import isal_zlib

from schema.errors import SetUpError

NONCE_BYTES = 12
# The fastest level of zlib: bodies shrink to a sixth; a seventh would take twice the time.
LEVEL = 0


def derive_key(master_secret: str, purpose: str) -> bytes:
    """Derive a key of 32 bytes for one purpose; raises SetUpError without a master secret."""
    if not master_secret:
        raise SetUpError("SHIPLEDGER_SECRET_KEY is not set; create one with: openssl rand -hex 32")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"shipledger/{purpose}".encode()).derive(
        master_secret.encode()
    )


class Vault:
    """Encrypts and decrypts an organization's bytes for one purpose (`body`, `secret` or `organization-key`)."""

    def __init__(self, master_secret: str, purpose: str) -> None:
        self._purpose = purpose
        self._cipher = AESGCM(derive_key(master_secret, purpose))

    def _bound_to(self, organization_id: int) -> bytes:
        return f"{self._purpose}/{organization_id}".encode()

    def seal(self, organization_id: int, plain: bytes) -> bytes:
        """Compress and encrypt; the result begins with the nonce."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, isal_zlib.compress(plain, LEVEL), self._bound_to(organization_id))

    def open(self, organization_id: int, sealed: bytes) -> bytes:
        """Decrypt and decompress; raises SetUpError for another master secret or organization."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound_to(organization_id))
        except InvalidTag as error:
            raise SetUpError(
                "a stored secret cannot be decrypted; set SHIPLEDGER_SECRET_KEY to the key it was stored with"
            ) from error
        return isal_zlib.decompress(plain)
