"""Secrets of webhooks and access tokens, as they are chosen and sealed. Pure."""

import base64
import secrets

from schema.encryption import Vault
from schema.errors import BadInputError
from schema.settings import Settings

SECRET_BYTES = 32
SIGNING_TOKEN_PREFIX = "whsec_"  # noqa: S105 - the published prefix of such tokens, no token


def sealed_token(settings: Settings, organization_id: int, token: str | None) -> bytes | None:
    """The access token, to be read by workers only; raises BadInputError for one that no header can carry."""
    if token is None:
        return None
    if not token.isascii() or not token.isprintable() or not token.strip():
        raise BadInputError("must be an access token; copy it from the forge unchanged", field="token")
    vault = Vault(settings.secret_key.get_secret_value(), "token")
    return vault.seal(organization_id, token.strip().encode())


def chosen_secret(forge: str, reported: str | None) -> str:
    """The secret that was sent, or a new one; GitLab takes signing tokens only in the form `whsec_<base64>`.

    Raises BadInputError for an empty one, which would let anybody in.
    """
    if reported is not None:
        if not reported.strip():
            raise BadInputError("must not be empty; leave it out to have a secret created", field="secret")
        return reported
    if forge == "gitlab":
        return SIGNING_TOKEN_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return secrets.token_urlsafe(SECRET_BYTES)
