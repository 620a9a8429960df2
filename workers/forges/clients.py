"""Which client a connection needs, and the one line that all its clients share in this process."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from workers.forge_events.reading import Envelope
from workers.forges.clock import Clock, WallClock
from workers.forges.pages import ForgeClient
from workers.forges.summary_writers import SummaryWriter
from workers.forges.transport import Line

if TYPE_CHECKING:
    from github import Auth

    from workers.forges.github.app import GithubAppClient
    from workers.forges.github.hooks import GithubHooks
    from workers.forges.github.installation_auth import InstallationAuth
    from workers.forges.gitlab.hook_events import GitlabHookEvents
    from workers.forges.gitlab.hooks import GitlabHooks


@dataclass(frozen=True, slots=True)
class AppInstallation:
    """An installation of a registered App. `reported_at` moves with its permissions, which a token never changes."""

    app_id: int
    installation_id: int
    private_key: str = field(repr=False)
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """A connection's way to its forge's API, by a token or as an installation; secrets show in no traceback."""

    connection_id: UUID
    forge: str
    host: str
    base_url: str
    token: str | None = field(default=None, repr=False)
    installation: AppInstallation | None = None


@dataclass(frozen=True, slots=True)
class AppAccess:
    """A registration's way to its server; without a key it can only bring the code of its manifest."""

    registration_id: UUID
    base_url: str
    app_id: int | None = None
    private_key: str | None = field(default=None, repr=False)


class Clients:
    """Makes clients; what a forge allows is remembered from one to the next."""

    def __init__(self, *, allow_private: bool, clock: Clock | None = None) -> None:
        self._allow_private = allow_private
        self.clock = clock or WallClock()
        self._lines: dict[tuple[UUID, str], Line] = {}
        self._installations: dict[UUID, tuple[Access, InstallationAuth]] = {}
        self._making = threading.Lock()

    def line(self, access: Access) -> Line:
        """The line of a connection; another token has limits of its own, but not another breaker."""
        base = github_api_url(access.base_url) if access.forge == "github" else access.base_url
        return self._line(access.connection_id, access.forge, base)

    def open(self, access: Access, received_at: datetime) -> ForgeClient:
        """A client that reads answers as of an instant."""
        envelope = Envelope(access.host, received_at)
        line = self.line(access)
        # Each library is loaded by the first who needs it: together they cost a process half a second and 40 MB.
        if access.forge == "github":
            from workers.forges.github.client import GithubClient  # noqa: PLC0415 - see above

            return GithubClient(line, github_api_url(access.base_url), self.github_auth(access), envelope)
        from workers.forges.gitlab.client import GitlabClient  # noqa: PLC0415 - see above

        return GitlabClient(line, access.base_url, access.token or "", envelope)

    def open_hooks(self, access: Access) -> "GitlabHooks":
        """A client that makes and mends webhooks at a GitLab."""
        from workers.forges.gitlab.hooks import GitlabHooks  # noqa: PLC0415 - see above

        return GitlabHooks(self.line(access), access.base_url, access.token or "")

    def open_hook_events(self, access: Access) -> "GitlabHookEvents":
        """A client of what webhooks at a GitLab could not deliver."""
        from workers.forges.gitlab.hook_events import GitlabHookEvents  # noqa: PLC0415 - see above

        return GitlabHookEvents(self.line(access), access.base_url, access.token or "")

    def open_summaries(self, access: Access) -> SummaryWriter:
        """A client that writes check runs or notes."""
        line = self.line(access)
        if access.forge == "github":
            from workers.forges.github.checks import GithubChecks  # noqa: PLC0415 - see above

            return GithubChecks(line, github_api_url(access.base_url), self.github_auth(access))
        from workers.forges.gitlab.notes import GitlabNotes  # noqa: PLC0415 - see above

        return GitlabNotes(line, access.base_url, access.token or "")

    def open_app(self, access: AppAccess) -> "GithubAppClient":
        """A client that asks as an App, or as nobody while it is being registered."""
        from workers.forges.github.app import GithubAppClient  # noqa: PLC0415 - see above

        base = github_api_url(access.base_url)
        line = self._line(access.registration_id, "github", base)
        return GithubAppClient(line, base, access.app_id, access.private_key)

    def open_github_hooks(self, access: Access | AppAccess) -> "GithubHooks":
        """A client of GitHub's webhooks: of those that a token administers, or of an App's own."""
        from github import Auth  # noqa: PLC0415 - see above

        from workers.forges.github.hooks import GithubHooks  # noqa: PLC0415 - see above

        base = github_api_url(access.base_url)
        if isinstance(access, Access):
            return GithubHooks(self.line(access), base, self.github_auth(access))
        auth = Auth.AppAuth(access.app_id or 0, access.private_key or "")
        return GithubHooks(self._line(access.registration_id, "github", base), base, auth)

    def github_auth(self, access: Access) -> "Auth.Auth":
        """How a connection's requests to GitHub are authenticated; an installation's token is shared and renewed."""
        from github import Auth  # noqa: PLC0415 - see above

        from workers.forges.github.app import GithubAppClient  # noqa: PLC0415 - see above
        from workers.forges.github.installation_auth import InstallationAuth  # noqa: PLC0415 - see above

        installation = access.installation
        if installation is None:
            return Auth.Token(access.token or "")
        with self._making:
            known, auth = self._installations.get(access.connection_id, (None, None))
            if known != access or auth is None:
                base, line = github_api_url(access.base_url), self.line(access)
                app = GithubAppClient(line, base, installation.app_id, installation.private_key)
                auth = InstallationAuth(lambda: app.token(installation.installation_id), self.clock)
                self._installations[access.connection_id] = (access, auth)
        return auth

    def _line(self, name: UUID, forge: str, base: str) -> Line:
        key = (name, base)
        if key not in self._lines:
            self._lines[key] = Line(forge, name.hex, base, self.clock, allow_private=self._allow_private)
        return self._lines[key]


def github_api_url(base_url: str) -> str:
    """Where the API of a GitHub is: of github.com, of one with data residency, or of an Enterprise Server."""
    scheme, _, host = base_url.rstrip("/").partition("://")
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return f"{scheme}://api.{host}" if is_cloud else f"{scheme}://{host}/api/v3"
