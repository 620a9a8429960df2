"""An age identity in a file, as `age-keygen` writes it (https://age-encryption.org)."""

from pathlib import Path

import pyrage

from schema.errors import SetUpError


class AgeService:
    """Wraps for all X25519 identities of the file, and unwraps with any."""

    def __init__(self, path: str) -> None:
        try:
            lines = Path(path).read_text().splitlines()
            self._identities = [
                pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.startswith("AGE-SECRET-KEY-")
            ]
        except (OSError, pyrage.IdentityError) as error:
            raise SetUpError(f"cannot read an age identity from {path} ({type(error).__name__})") from error
        if not self._identities:
            raise SetUpError(f"{path} holds no age identity; create it with: age-keygen -o {path}")
        self._path = path

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        return bytes(pyrage.encrypt(plain, [identity.to_public() for identity in self._identities]))

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key; raises SetUpError if it was not wrapped for these identities."""
        try:
            return bytes(pyrage.decrypt(wrapped, self._identities))
        except pyrage.DecryptError as error:
            raise SetUpError(f"the identity in {self._path} does not unwrap this data key") from error
