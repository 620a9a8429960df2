"""The key ring: the secret keys that open stored values, and the one that seals new values.

A key is named by its id, which is derived from it, so that a sealed value says which key opens it. While keys are
changed, processes share several keys, in any order of restarts.
"""

from collections.abc import Sequence
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schema.errors import SetUpError, UnavailableError

KEY_ID_BYTES = 8


class SecretKey(Protocol):
    """A secret key; one that a key service unwraps may be unavailable for a time."""

    @property
    def key_id(self) -> bytes:
        """Return its id, KEY_ID_BYTES long."""

    def secret(self) -> str:
        """Return the key; raises UnavailableError while it cannot be unwrapped."""


class GivenKey:
    """A key from the settings."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.key_id = key_id_of(text)

    def secret(self) -> str:
        """Return the key."""
        return self._text


class KeyRing:
    """Keys by id. The first one seals; all of them open."""

    def __init__(self, keys: Sequence[SecretKey]) -> None:
        if not keys:
            raise SetUpError("SHIPLEDGER_SECRET_KEY is not set; create one with: openssl rand -hex 32")
        self._keys = {key.key_id: key for key in keys}
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}
        self.present_id = keys[0].key_id

    @classmethod
    def of(cls, present: str, *others: str) -> "KeyRing":
        """Return a ring of given keys; raises SetUpError if `present` is empty."""
        return cls([GivenKey(text) for text in (present, *others) if present and text])

    @property
    def key_ids(self) -> Sequence[bytes]:
        """Return the ids of all keys, the one that seals first."""
        return list(self._keys)

    def cipher(self, key_id: bytes, purpose: str) -> AESGCM | None:
        """Return the cipher of a key for one purpose, None if the ring lacks the key.

        Raises UnavailableError while the key cannot be unwrapped.
        """
        key = self._keys.get(key_id)
        if key is None:
            return None
        try:
            secret = key.secret()
        except UnavailableError:
            self._ciphers = {known: cipher for known, cipher in self._ciphers.items() if known[0] != key_id}
            raise
        known = self._ciphers.get((key_id, purpose))
        if known is None:
            known = self._ciphers[key_id, purpose] = AESGCM(derive_key(secret, purpose))
        return known

    def derived(self, purpose: str) -> list[bytes]:
        """Return a key of 32 bytes for one purpose from each key, the one that seals first."""
        return [derive_key(key.secret(), purpose) for key in self._keys.values()]


def derive_key(secret: str, purpose: str) -> bytes:
    """Derive a key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"shipledger/{purpose}".encode()).derive(secret.encode())


def key_id_of(secret: str) -> bytes:
    """Derive the id of a key, from which the key cannot be computed."""
    return derive_key(secret, "key-id")[:KEY_ID_BYTES]
