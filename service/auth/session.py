"""The dashboard's session: an encrypted cookie that contains only the organization id."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware.session.client_side import CookieBackendConfig

from schema.encryption import derive_key
from schema.settings import Settings

COOKIE_NAME = "shipledger_session"
LIFETIME_SECONDS = 14 * 24 * 60 * 60
ORGANIZATION = "organization_id"


def session_config(settings: Settings) -> CookieBackendConfig:
    """Configure the cookie: encrypted and authenticated with the master secret, HttpOnly, SameSite=Lax.

    Secure if the public URL is https. Raises SetUpError without a master secret.
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
    """Start a session for an organization."""
    connection.set_session({ORGANIZATION: organization_id})


def sign_out(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """End the session."""
    connection.clear_session()


def signed_in_organization(connection: ASGIConnection[Any, Any, Any, Any]) -> int | None:
    """Return the organization of the session, or None without a session."""
    organization_id = (connection.session or {}).get(ORGANIZATION)
    return organization_id if isinstance(organization_id, int) else None
