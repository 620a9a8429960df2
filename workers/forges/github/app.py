"""A GitHub App as itself: its registration by a code, its installations, and the tokens to act as one of them.

https://docs.github.com/en/rest/apps/apps
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from github import Auth, GithubException
from requests import RequestException

from schema.github_apps import AppCredentials
from workers.forge_events.reading import Json, instant, text, whole
from workers.forges.errors import ForgeError, RefusedError
from workers.forges.github.session import open_github
from workers.forges.transport import Line


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """What lets a request act as an installation, until an instant."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InstallationReport:
    """What GitHub says of an installation."""

    installation_id: int
    is_suspended: bool


TokenSource: TypeAlias = Callable[[], InstallationToken]


class GithubAppClient:
    """Blocking; call it from a thread. All methods raise ForgeError, of which TryLaterError says when to come back."""

    def __init__(self, line: Line, url: str, app_id: int | None, private_key: str | None) -> None:
        auth = Auth.AppAuth(app_id, private_key) if app_id is not None and private_key is not None else None
        self._github = open_github(line, url, auth)

    def register(self, code: str, base_url: str) -> AppCredentials:
        """Exchange the code of a manifest for the App's credentials, which GitHub tells this once.

        Raises RefusedError 404 when the code is unknown, was used or is older than an hour.
        """
        reported = self._ask("POST", f"/app-manifests/{code}/conversions")
        app_id, key, page = whole(reported, "id"), text(reported, "pem"), text(reported, "html_url")
        if app_id is None or key is None or page is None or not _is_of(page, base_url):
            raise ForgeError("the answer contains no App")
        return AppCredentials(
            app_id=app_id,
            page=page.rstrip("/"),
            private_key=key,
            webhook_secret=text(reported, "webhook_secret") or "",
            client_id=text(reported, "client_id") or "",
            client_secret=text(reported, "client_secret") or "",
        )

    def installation(self, installation_id: int) -> InstallationReport:
        """An installation of this App; raises RefusedError 404 when it is none."""
        reported = self._ask("GET", f"/app/installations/{installation_id}")
        if whole(reported, "id") != installation_id:
            raise ForgeError("the answer is for another installation")
        return InstallationReport(installation_id, instant(reported, "suspended_at") is not None)

    def token(self, installation_id: int) -> InstallationToken:
        """A new token, for an hour; raises RefusedError 403 while the installation is suspended."""
        reported = self._ask("POST", f"/app/installations/{installation_id}/access_tokens")
        token, expires_at = text(reported, "token"), instant(reported, "expires_at")
        if token is None or expires_at is None:
            raise ForgeError("the answer contains no token")
        return InstallationToken(token, expires_at)

    def _ask(self, method: str, path: str) -> Json:
        try:
            reported: Any = self._github.requester.requestJsonAndCheck(method, path)[1]
        except GithubException as error:
            # The exception quotes the answer, which may hold secrets.
            raise RefusedError(error.status) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return reported if isinstance(reported, Mapping) else {}


def _is_of(page: str, base_url: str) -> bool:
    """Whether a page is on the server that was asked, so that nobody is sent elsewhere to install the App."""
    return urlsplit(page).hostname == urlsplit(base_url).hostname
