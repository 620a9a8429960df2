"""Encryption at rest of delivery bodies, connection secrets and organization keys, with the keys of the key ring.

AES-256-GCM with a key derived per purpose (HKDF-SHA256). Purpose and organization are authenticated with each
ciphertext, so that a row copied into another organization cannot be decrypted there. A sealed value is
`MARK + id of its key + nonce + ciphertext`. Values from before there was a key ring are `nonce + ciphertext`; any key
of the ring may have sealed them.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from isal import isal_zlib

from schema.errors import SetUpError
from schema.key_ring import KEY_ID_BYTES, KeyRing

MARK = b"SLk2"
HEAD_BYTES = len(MARK) + KEY_ID_BYTES
NONCE_BYTES = 12
# The fastest level of zlib: bodies shrink to a sixth; a seventh would take twice the time.
LEVEL = 0


class Vault:
    """Encrypts and decrypts an organization's bytes for one purpose (`body`, `secret` or `organization-key`)."""

    def __init__(self, ring: KeyRing, purpose: str) -> None:
        self._ring = ring
        self._purpose = purpose

    def seal(self, organization_id: int, plain: bytes) -> bytes:
        """Compress and encrypt with the present key; the result begins with the key's id.

        Raises UnavailableError while the key cannot be unwrapped.
        """
        return self._encrypt(organization_id, isal_zlib.compress(plain, LEVEL))

    def open(self, organization_id: int, sealed: bytes) -> bytes:
        """Decrypt and decompress.

        Raises SetUpError for another organization or a key that the ring lacks, and UnavailableError while the key
        cannot be unwrapped.
        """
        return isal_zlib.decompress(self._decrypt(organization_id, sealed))

    def seal_again(self, organization_id: int, sealed: bytes) -> bytes:
        """Encrypt a sealed value with the present key; raises what `open` raises."""
        return self._encrypt(organization_id, self._decrypt(organization_id, sealed))

    def _bound_to(self, organization_id: int) -> bytes:
        return f"{self._purpose}/{organization_id}".encode()

    def _encrypt(self, organization_id: int, compressed: bytes) -> bytes:
        cipher = self._ring.cipher(self._ring.present_id, self._purpose)
        if cipher is None:
            raise KeyError(self._ring.present_id)
        head, nonce = present_head(self._ring), os.urandom(NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, compressed, head + self._bound_to(organization_id))

    def _decrypt(self, organization_id: int, sealed: bytes) -> bytes:
        bound_to = self._bound_to(organization_id)
        if sealed.startswith(MARK):
            head = sealed[:HEAD_BYTES]
            named = self._ring.cipher(head[len(MARK) :], self._purpose)
            plain = None if named is None else _opened(named, sealed[HEAD_BYTES:], head + bound_to)
            if plain is not None:
                return plain
        # Also a value without a head whose random nonce begins like one.
        for key_id in self._ring.key_ids:
            cipher = self._ring.cipher(key_id, self._purpose)
            plain = None if cipher is None else _opened(cipher, sealed, bound_to)
            if plain is not None:
                return plain
        raise SetUpError("a stored secret cannot be decrypted; set SHIPLEDGER_SECRET_KEY to the key it was stored with")


def present_head(ring: KeyRing) -> bytes:
    """Return the first bytes of each value that the present key sealed."""
    return MARK + ring.present_id


def _opened(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes | None:
    """Decrypt a nonce and its ciphertext; None if another key sealed it, or it is bound to something else."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        return None
