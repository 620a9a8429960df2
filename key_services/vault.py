"""A key of Vault's or OpenBao's transit engine: `vault:https://HOST:8200/MOUNT/KEY`.

The token is in VAULT_TOKEN or in the file VAULT_TOKEN_FILE, which an agent may renew.
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from key_services.rest import post
from schema.errors import SetUpError


class VaultService:
    """Wraps with the engine's encrypt operation; Vault keeps the version of its key in the ciphertext."""

    def __init__(self, address: str) -> None:
        base, _, name = address.rstrip("/").rpartition("/")
        server, _, mount = base.rpartition("/")
        if not server.startswith(("https://", "http://")) or not name or not mount:
            raise SetUpError(f"{address} is not the address of a key; write vault:https://HOST:8200/transit/KEY")
        self._engine, self._name = f"{server}/v1/{mount}", name

    def wrap(self, plain: bytes) -> bytes:
        """Encrypt a data key."""
        return str(self._call("encrypt", plaintext=b64encode(plain).decode())["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key."""
        return b64decode(self._call("decrypt", ciphertext=wrapped.decode())["plaintext"])

    def _call(self, operation: str, **body: str) -> Any:
        headers = {"X-Vault-Token": _token(), "X-Vault-Request": "true"}
        if namespace := os.environ.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = namespace
        return post("Vault", f"{self._engine}/{operation}/{self._name}", headers, body)["data"]


def _token() -> str:
    if file := os.environ.get("VAULT_TOKEN_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise SetUpError(f"cannot read VAULT_TOKEN_FILE ({type(error).__name__})") from error
    if token := os.environ.get("VAULT_TOKEN"):
        return token
    raise SetUpError("VAULT_TOKEN is not set; set it, or VAULT_TOKEN_FILE")
