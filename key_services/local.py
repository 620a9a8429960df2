"""A wrapping key in a file, 64 hexadecimal digits: for one machine, or for a file that another program provides."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schema.errors import SetUpError

KEY_BYTES = 32
NONCE_BYTES = 12
BOUND_TO = b"shipledger/data-key"


class FileService:
    """Wraps with AES-256-GCM."""

    def __init__(self, path: str) -> None:
        try:
            key = bytes.fromhex(Path(path).read_text().strip())
        except (OSError, ValueError) as error:
            raise SetUpError(
                f"cannot read a key from {path} ({type(error).__name__}); it must hold 64 digits"
            ) from error
        if len(key) != KEY_BYTES:
            raise SetUpError(f"{path} must hold 64 hexadecimal digits; create it with: openssl rand -hex 32")
        self._path, self._cipher = path, AESGCM(key)

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, BOUND_TO)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key; raises SetUpError if another key wrapped it."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], BOUND_TO)
        except (InvalidTag, ValueError) as error:
            raise SetUpError(f"the key in {self._path} did not wrap this data key") from error
