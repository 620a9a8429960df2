"""The dashboard's session: a sealed cookie that names the organization and nothing else."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware.session.client_side import CookieBackendConfig

from schema.encryption import derive_key
from schema.settings import Settings

COOKIE_NAME = "shipledger_session"
LIFETIME_SECONDS = 14 * 24 * 60 * 60
ORGANIZATION = "organization_id"


def session_config(settings: Settings) -> CookieBackendConfig:
    """The cookie: encrypted and authenticated under the master secret, HttpOnly, SameSite=Lax.

    Secure when the public URL is https. Raises SetUpError without a master secret.
    """
    return CookieBackendConfig(
        secret=derive_key(settings.secret_key.get_secret_value(), "session"),
        key=COOKIE_NAME,
        max_age=LIFETIME_SECONDS,
        secure=(settings.public_url or "").startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def sign_in(connection: ASGIConnection[Any, Any, Any, Any], organization_id: int) -> None:
    """Begin a session of an organization."""
    connection.set_session({ORGANIZATION: organization_id})


def sign_out(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """End the session."""
    connection.clear_session()


def signed_in_organization(connection: ASGIConnection[Any, Any, Any, Any]) -> int | None:
    """The organization of the session, or None when nobody is signed in."""
    organization_id = (connection.session or {}).get(ORGANIZATION)
    return organization_id if isinstance(organization_id, int) else None
