"""The cookie of a session: HttpOnly, SameSite=Lax and, where the public URL is https, bound to the host by its name."""

from litestar.datastructures import Cookie

from schema.settings import Settings

NAME = "shipledger_session"
# Browsers accept this prefix only over TLS, without a domain and for the whole host.
SECURE_NAME = "__Host-shipledger_session"


def is_secure(settings: Settings) -> bool:
    """Return whether browsers reach the service over TLS."""
    return (settings.public_url or "").startswith("https://")


def cookie_name(settings: Settings) -> str:
    """Return the name of the session's cookie."""
    return SECURE_NAME if is_secure(settings) else NAME


def session_cookie(settings: Settings, token: str) -> Cookie:
    """Return the cookie that begins a session."""
    return _cookie(settings, token, int(settings.session_lifetime.total_seconds()))


def ended_cookie(settings: Settings) -> Cookie:
    """Return the cookie that makes a browser forget the session."""
    return _cookie(settings, "", 0)


def _cookie(settings: Settings, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value=value,
        max_age=max_age,
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )
