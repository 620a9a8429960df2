"""What every identity provider offers, and how its failures are reported."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError

from schema.errors import ShipledgerError
from service.auth.members.matching import Identity
from service.auth.providers.attempt import Attempt

logger = structlog.get_logger()

TIMEOUT_SECONDS = 10.0


class ProviderError(ShipledgerError):
    """The identity provider does not answer, or not as its protocol says."""

    status = 502
    title = "The identity provider failed"


class Provider(Protocol):
    """An identity provider that is set up."""

    name: str
    title: str

    async def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return the address at which a person signs in; raises ProviderError."""

    async def identify(self, attempt: Attempt, code: str, redirect_uri: str) -> Identity:
        """Exchange the code of an answer for what the provider says of the person; raises ProviderError."""


def oauth_client(client_id: str, client_secret: str, scope: str, redirect_uri: str, method: str) -> AsyncOAuth2Client:
    """Return a client that uses PKCE; `method` says how it authenticates at the token endpoint."""
    return AsyncOAuth2Client(
        client_id=client_id,
        client_secret=client_secret,
        scope=scope,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        timeout=TIMEOUT_SECONDS,
    )


@contextmanager
def reported(provider: str) -> Iterator[None]:
    """Turn a failure inside into a ProviderError, and log its type; never its message, which may name a person."""
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL, OAuthError, JoseError, KeyError, TypeError, ValueError) as error:
        reason = error.error if isinstance(error, OAuthError) else None
        logger.warning("sign_in_failed", provider=provider, error=type(error).__name__, reason=reason)
        raise ProviderError(
            f"{provider} did not answer as expected ({type(error).__name__}); try again, and if it keeps failing, check"
            " its settings and the service's log"
        ) from error


def text(values: Mapping[str, Any], name: str) -> str:
    """Return a text value of a JSON object; raises ValueError if it is missing or something else."""
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def mail_domain(address: object) -> str | None:
    """Return the domain of a mail address in lower case; None without one."""
    _, at, domain = address.rpartition("@") if isinstance(address, str) else ("", "", "")
    return domain.lower() if at and domain else None
