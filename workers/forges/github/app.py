"""A client that acts as a GitHub App: registers it, reads its installations, and creates their tokens.

https://docs.github.com/en/rest/apps/apps
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from github import Auth, GithubException
from requests import RequestException

from schema.github_apps import AppCredentials
from workers.forge_access.errors import ForgeError
from workers.forge_events.reading import Json, instant, text, whole
from workers.forges.github.session import open_github, refused
from workers.forges.transport import Transport


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A token that acts as an installation until it expires."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InstallationReport:
    """GitHub's answer about an installation."""

    installation_id: int
    is_suspended: bool


TokenSource: TypeAlias = Callable[[], InstallationToken]


class GithubAppClient:
    """Blocking; call it from a thread. Methods raise ForgeError; TryLaterError carries the time to retry."""

    def __init__(self, transport: Transport, url: str, app_id: int | None, private_key: str | None) -> None:
        auth = Auth.AppAuth(app_id, private_key) if app_id is not None and private_key is not None else None
        self._github = open_github(transport, url, auth)

    def register(self, code: str, base_url: str) -> AppCredentials:
        """Exchange a manifest code for the App's credentials, which GitHub shows only once.

        Raises RefusedError 404 when the code is unknown, used, or older than an hour.
        """
        answer = self._request("POST", f"/app-manifests/{code}/conversions")
        app_id, key, page = whole(answer, "id"), text(answer, "pem"), text(answer, "html_url")
        if app_id is None or key is None or page is None or not _is_on_server(page, base_url):
            raise ForgeError("the answer contains no App")
        return AppCredentials(
            app_id=app_id,
            page=page.rstrip("/"),
            private_key=key,
            webhook_secret=text(answer, "webhook_secret") or "",
            client_id=text(answer, "client_id") or "",
            client_secret=text(answer, "client_secret") or "",
        )

    def check(self, app_id: int) -> None:
        """Ask for the App that the key belongs to; raises RefusedError 401 if GitHub does not accept the key."""
        if whole(self._request("GET", "/app"), "id") != app_id:
            raise ForgeError("the answer is for another App")

    def installation(self, installation_id: int) -> InstallationReport:
        """Return an installation of this App; raises RefusedError 404 if it is not one."""
        answer = self._request("GET", f"/app/installations/{installation_id}")
        if whole(answer, "id") != installation_id:
            raise ForgeError("the answer is for another installation")
        return InstallationReport(installation_id, instant(answer, "suspended_at") is not None)

    def token(self, installation_id: int) -> InstallationToken:
        """Create a token that lasts an hour; raises RefusedError 403 while the installation is suspended."""
        answer = self._request("POST", f"/app/installations/{installation_id}/access_tokens")
        token, expires_at = text(answer, "token"), instant(answer, "expires_at")
        if token is None or expires_at is None:
            raise ForgeError("the answer contains no token")
        return InstallationToken(token, expires_at)

    def _request(self, method: str, path: str) -> Json:
        try:
            _, answer = self._github.requester.requestJsonAndCheck(method, path)
        except GithubException as error:
            # The exception quotes the answer, which may contain secrets.
            raise refused(error) from None
        except RequestException:
            raise ForgeError("the server does not answer like GitHub") from None
        return answer if isinstance(answer, Mapping) else {}


def _is_on_server(page: str, base_url: str) -> bool:
    """Return whether a page is on the App's server, so that no user is sent elsewhere to install the App."""
    return urlsplit(page).hostname == urlsplit(base_url).hostname
