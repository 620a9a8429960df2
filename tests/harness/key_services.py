"""Key services on loopback, as their documents describe the requests and answers that we use."""

import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from tests.harness.answering import Answer, ReceivedRequest, answering

TOKEN = "token-of-the-tests"
AZURE_VERSION = "6ba4f5b1"


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int) -> None:
        self.status = status


class KeyServer:
    """Answers for Vault's transit engine, Google Cloud KMS and Azure Key Vault; all answers have `status`, if set."""

    def __init__(self) -> None:
        self.url = ""
        self.status: int | None = None
        self._cipher = AESGCM(bytes(32))
        self._rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def answer(self, path: str, headers: dict[str, str], body: dict[str, str]) -> dict[str, Any]:
        if self.status is not None:
            raise RefusalError(self.status)
        if path.startswith("/v1/transit/"):
            return self._vault(path, headers, body)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            raise RefusalError(401)
        return self._google(path, body) if path.startswith("/v1/projects/") else self._azure(path, body)

    def _vault(self, path: str, headers: dict[str, str], body: dict[str, str]) -> dict[str, Any]:
        """https://developer.hashicorp.com/vault/api-docs/secret/transit#encrypt-data"""
        if headers.get("x-vault-token") != TOKEN:
            raise RefusalError(403)
        if path == "/v1/transit/encrypt/shipledger":
            sealed = self._seal(b64decode(body["plaintext"], validate=True), b"")
            return {"data": {"ciphertext": f"vault:v1:{b64encode(sealed).decode()}", "key_version": 1}}
        if path == "/v1/transit/decrypt/shipledger":
            mark, version, sealed_text = body["ciphertext"].split(":")
            assert (mark, version) == ("vault", "v1")
            return {"data": {"plaintext": b64encode(self._open(b64decode(sealed_text), b"")).decode()}}
        raise RefusalError(404)

    def _google(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt"""
        name, _, method = path.removeprefix("/v1/").partition(":")
        bound_to = b64decode(body["additionalAuthenticatedData"])
        if name != "projects/p/locations/global/keyRings/r/cryptoKeys/k":
            raise RefusalError(404)
        if method == "encrypt":
            return {
                "name": f"{name}/cryptoKeyVersions/1",
                "ciphertext": b64encode(self._seal(b64decode(body["plaintext"]), bound_to)).decode(),
            }
        return {"plaintext": b64encode(self._open(b64decode(body["ciphertext"]), bound_to)).decode()}

    def _azure(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """https://learn.microsoft.com/en-us/rest/api/keyvault/keys/wrap-key/wrap-key"""
        assert body["alg"] == "RSA-OAEP-256"
        place, _, query = path.partition("?")
        assert query == "api-version=7.4"
        scheme = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        value = urlsafe_b64decode(body["value"] + "=" * (-len(body["value"]) % 4))
        if place == "/keys/shipledger/wrapkey":
            found = self._rsa.public_key().encrypt(value, scheme)
        elif place == f"/keys/shipledger/{AZURE_VERSION}/unwrapkey":
            found = self._rsa.decrypt(value, scheme)
        else:
            raise RefusalError(404)
        text = urlsafe_b64encode(found).decode().rstrip("=")
        return {"kid": f"{self.url}/keys/shipledger/{AZURE_VERSION}", "value": text}

    def _seal(self, plain: bytes, bound_to: bytes) -> bytes:
        return self._cipher.encrypt(bytes(12), plain, bound_to)

    def _open(self, sealed: bytes, bound_to: bytes) -> bytes:
        try:
            return self._cipher.decrypt(bytes(12), sealed, bound_to)
        except InvalidTag as error:
            raise RefusalError(400) from error


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """Serve on a port of its own until the block ends."""
    keys = KeyServer()

    def answer(request: ReceivedRequest) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            content = keys.answer(request.target, headers, json.loads(request.body))
        except RefusalError as refusal:
            return refusal.status, {"Content-Type": "application/json"}, b'{"errors": []}'
        return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()

    with answering(answer) as keys.url:
        yield keys
