"""Which client a connection needs, and the one line that all its clients share in this process."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from workers.forge_events.reading import Envelope
from workers.forges.clock import Clock, WallClock
from workers.forges.line import Line
from workers.forges.pages import ForgeClient


@dataclass(frozen=True, slots=True)
class Access:
    """A connection's way to its forge's API; the token shows in no traceback."""

    connection_id: UUID
    forge: str
    host: str
    base_url: str
    token: str = field(repr=False)


class Clients:
    """Makes clients; what a forge allows is remembered from one to the next."""

    def __init__(self, *, allow_private: bool, clock: Clock | None = None) -> None:
        self._allow_private = allow_private
        self.clock = clock or WallClock()
        self._lines: dict[tuple[UUID, str], Line] = {}

    def line(self, access: Access) -> Line:
        """The line of a connection; another token has limits of its own, but not another breaker."""
        base = github_api_url(access.base_url) if access.forge == "github" else access.base_url
        key = (access.connection_id, base)
        if key not in self._lines:
            name = access.connection_id.hex
            self._lines[key] = Line(access.forge, name, base, self.clock, allow_private=self._allow_private)
        return self._lines[key]

    def open(self, access: Access, received_at: datetime) -> ForgeClient:
        """A client that reads answers as of an instant."""
        envelope = Envelope(access.host, received_at)
        line = self.line(access)
        # Each library is loaded by the first who needs it: together they cost a process half a second and 40 MB.
        if access.forge == "github":
            from workers.forges.github import GithubClient  # noqa: PLC0415 - see above

            return GithubClient(line, github_api_url(access.base_url), access.token, envelope)
        from workers.forges.gitlab import GitlabClient  # noqa: PLC0415 - see above

        return GitlabClient(line, access.base_url, access.token, envelope)


def github_api_url(base_url: str) -> str:
    """Where the API of a GitHub is: of github.com, of one with data residency, or of an Enterprise Server."""
    scheme, _, host = base_url.rstrip("/").partition("://")
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return f"{scheme}://api.{host}" if is_cloud else f"{scheme}://{host}/api/v3"
