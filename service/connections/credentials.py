"""Webhook secrets and access tokens: validate, generate and encrypt them. Pure."""

import base64
import secrets

from key_services.configured import ring_of
from schema.encryption import Vault
from schema.errors import BadInputError
from schema.settings import Settings

SECRET_BYTES = 32
SIGNING_TOKEN_PREFIX = "whsec_"  # noqa: S105 - the published prefix of such tokens, no token


def sealed_token(settings: Settings, organization_id: int, token: str | None) -> bytes | None:
    """Encrypt an access token for workers; raises BadInputError if it does not fit in a header."""
    if token is None:
        return None
    if not token.isascii() or not token.isprintable() or not token.strip():
        raise BadInputError("must be an access token; copy it from the forge unchanged", field="token")
    return token_vault(settings).seal(organization_id, token.strip().encode())


def token_vault(settings: Settings) -> Vault:
    """Return the vault of access tokens."""
    return Vault(ring_of(settings), "token")


def chosen_secret(forge: str, requested: str | None) -> str:
    """Return the requested secret or a new one; GitLab accepts signing tokens only in the form `whsec_<base64>`.

    Raises BadInputError for an empty secret, which would verify any request.
    """
    if requested is not None:
        if not requested.strip():
            raise BadInputError("must not be empty; leave it out to generate a secret", field="secret")
        return requested
    if forge == "gitlab":
        return SIGNING_TOKEN_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return secrets.token_urlsafe(SECRET_BYTES)
