"""Creates the clients of a connection, which share one transport per process."""

import threading
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from workers.forge_access.access import Access, AppAccess
from workers.forge_events.reading import Envelope
from workers.forges.clock import Clock, WallClock
from workers.forges.pages import ForgeClient
from workers.forges.summary_writers import SummaryWriter
from workers.forges.transport import Transport

if TYPE_CHECKING:
    from github import Auth

    from workers.forges.github.app import GithubAppClient
    from workers.forges.github.hooks import GithubHooks
    from workers.forges.github.installation_auth import InstallationAuth
    from workers.forges.gitlab.hook_events import GitlabHookEvents
    from workers.forges.gitlab.hooks import GitlabHooks


class Clients:
    """Creates clients; rate limits and caches are kept between them."""

    def __init__(self, *, allow_private: bool, clock: Clock | None = None) -> None:
        self._allow_private = allow_private
        self.clock = clock or WallClock()
        self._transports: dict[tuple[UUID, str], Transport] = {}
        self._installations: dict[UUID, tuple[Access, InstallationAuth]] = {}
        self._lock = threading.Lock()

    def transport(self, access: Access) -> Transport:
        """Return the transport of a connection; a new token shares it, including the circuit breaker."""
        base = github_api_url(access.base_url) if access.forge == "github" else access.base_url
        return self._transport(access.connection_id, access.forge, base)

    def open(self, access: Access, received_at: datetime) -> ForgeClient:
        """Return a client that reads answers as of `received_at`."""
        envelope = Envelope(access.host, received_at)
        transport = self.transport(access)
        # Each library is imported on first use: together they cost half a second and 40 MB per process.
        if access.forge == "github":
            from workers.forges.github.client import GithubClient  # noqa: PLC0415 - see above

            return GithubClient(transport, github_api_url(access.base_url), self.github_auth(access), envelope)
        from workers.forges.gitlab.client import GitlabClient  # noqa: PLC0415 - see above

        return GitlabClient(transport, access.base_url, access.token or "", envelope)

    def open_hooks(self, access: Access) -> "GitlabHooks":
        """Return a client that manages webhooks at GitLab."""
        from workers.forges.gitlab.hooks import GitlabHooks  # noqa: PLC0415 - see above

        return GitlabHooks(self.transport(access), access.base_url, access.token or "")

    def open_hook_events(self, access: Access) -> "GitlabHookEvents":
        """Return a client for failed deliveries of GitLab webhooks."""
        from workers.forges.gitlab.hook_events import GitlabHookEvents  # noqa: PLC0415 - see above

        return GitlabHookEvents(self.transport(access), access.base_url, access.token or "")

    def open_summaries(self, access: Access) -> SummaryWriter:
        """Return a client that writes check runs or notes."""
        transport = self.transport(access)
        if access.forge == "github":
            from workers.forges.github.checks import GithubChecks  # noqa: PLC0415 - see above

            return GithubChecks(transport, github_api_url(access.base_url), self.github_auth(access))
        from workers.forges.gitlab.notes import GitlabNotes  # noqa: PLC0415 - see above

        return GitlabNotes(transport, access.base_url, access.token or "")

    def open_app(self, access: AppAccess) -> "GithubAppClient":
        """Return a client that acts as an App, or without authentication during registration."""
        from workers.forges.github.app import GithubAppClient  # noqa: PLC0415 - see above

        base = github_api_url(access.base_url)
        transport = self._transport(access.registration_id, "github", base)
        return GithubAppClient(transport, base, access.app_id, access.private_key)

    def open_github_hooks(self, access: Access | AppAccess) -> "GithubHooks":
        """Return a client for GitHub webhooks: those a token administers, or the App's own."""
        from github import Auth  # noqa: PLC0415 - see above

        from workers.forges.github.hooks import GithubHooks  # noqa: PLC0415 - see above

        base = github_api_url(access.base_url)
        if isinstance(access, Access):
            return GithubHooks(self.transport(access), base, self.github_auth(access))
        auth = Auth.AppAuth(access.app_id or 0, access.private_key or "")
        return GithubHooks(self._transport(access.registration_id, "github", base), base, auth)

    def github_auth(self, access: Access) -> "Auth.Auth":
        """Return the authentication of a connection; an installation's token is shared and renewed."""
        from github import Auth  # noqa: PLC0415 - see above

        from workers.forges.github.app import GithubAppClient  # noqa: PLC0415 - see above
        from workers.forges.github.installation_auth import InstallationAuth  # noqa: PLC0415 - see above

        installation = access.installation
        if installation is None:
            return Auth.Token(access.token or "")
        with self._lock:
            known, auth = self._installations.get(access.connection_id, (None, None))
            if known != access or auth is None:
                base, transport = github_api_url(access.base_url), self.transport(access)
                app = GithubAppClient(transport, base, installation.app_id, installation.private_key)
                auth = InstallationAuth(lambda: app.token(installation.installation_id), self.clock)
                self._installations[access.connection_id] = (access, auth)
        return auth

    def _transport(self, name: UUID, forge: str, base: str) -> Transport:
        key = (name, base)
        if key not in self._transports:
            self._transports[key] = Transport(forge, name.hex, base, self.clock, allow_private=self._allow_private)
        return self._transports[key]


def github_api_url(base_url: str) -> str:
    """Return the API URL of github.com, a data-residency host, or an Enterprise Server."""
    scheme, _, host = base_url.rstrip("/").partition("://")
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return f"{scheme}://api.{host}" if is_cloud else f"{scheme}://{host}/api/v3"
