"""Authenticates requests as an App installation, with tokens that last an hour and stay in memory."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from github import Auth, GithubException

from workers.forges.clock import Clock
from workers.forges.github.app import InstallationToken, TokenSource

# Renew early, so that a token never expires during a request.
EARLY = timedelta(minutes=5)

# A token keeps the permissions it was created with, and GitHub may revoke it.
YOUNG = timedelta(minutes=1)
REFUSED = {401, 403}

Answer = TypeVar("Answer")


class InstallationAuth(Auth.Auth):
    """PyGithub authentication with an installation token, shared by all clients of a connection."""

    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._token: InstallationToken | None = None
        self._made_at = clock.now()
        self._lock = threading.Lock()

    @property
    def token_type(self) -> str:
        """Return the token type of the Authorization header."""
        return "token"

    @property
    def token(self) -> str:
        """Return the current token or a new one; raises ForgeError when GitHub issues none."""
        with self._lock:
            if self._token is None or self._token.expires_at - EARLY <= self._clock.now():
                self._token = self._source()
                self._made_at = self._clock.now()
            return self._token.text

    def renew(self) -> bool:
        """Discard a refused token; return False when it is so new that another would be refused, too."""
        with self._lock:
            is_young = self._token is not None and self._clock.now() - self._made_at < YOUNG
            if not is_young:
                self._token = None
            return not is_young

    @property
    def _masked_token(self) -> str:
        return "token (removed)"


def with_renewal(auth: Auth.Auth, request: Callable[[], Answer]) -> Answer:
    """Send a request, and retry once with a new token when an installation's token is refused early."""
    try:
        return request()
    except GithubException as error:
        if error.status not in REFUSED or not isinstance(auth, InstallationAuth) or not auth.renew():
            raise
    return request()
