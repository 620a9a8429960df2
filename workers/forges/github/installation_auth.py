"""How a request is made as an installation of an App: by a token that lives an hour, in memory only."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from github import Auth, GithubException

from workers.forges.clock import Clock
from workers.forges.github.app import InstallationToken, TokenSource

# Renewed while it is still good, so that no request is under way when it ends.
EARLY = timedelta(minutes=5)

# A token keeps the permissions of its birth, and GitHub may take it back.
YOUNG = timedelta(minutes=1)
REFUSED = {401, 403}

Answer = TypeVar("Answer")


class InstallationAuth(Auth.Auth):
    """PyGithub's authentication by an installation's token, which all clients of a connection share."""

    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._held: InstallationToken | None = None
        self._made_at = clock.now()
        self._asking = threading.Lock()

    @property
    def token_type(self) -> str:
        """As the header says it."""
        return "token"

    @property
    def token(self) -> str:
        """The present token, or a new one; raises ForgeError when GitHub gives none."""
        with self._asking:
            if self._held is None or self._held.expires_at - EARLY <= self._clock.now():
                self._held = self._source()
                self._made_at = self._clock.now()
            return self._held.text

    def renew(self) -> bool:
        """Use a token that GitHub refused no more; False when it is so young that another would fare alike."""
        with self._asking:
            is_young = self._held is not None and self._clock.now() - self._made_at < YOUNG
            if not is_young:
                self._held = None
            return not is_young

    @property
    def _masked_token(self) -> str:
        return "token (removed)"


def renewing(auth: Auth.Auth, ask: Callable[[], Answer]) -> Answer:
    """Ask, and once more with another token where an installation's is refused before its time."""
    try:
        return ask()
    except GithubException as error:
        if error.status not in REFUSED or not isinstance(auth, InstallationAuth) or not auth.renew():
            raise
    return ask()
