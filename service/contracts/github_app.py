"""What is sent to register a GitHub App, and what is shown of one."""

from datetime import datetime
from typing import Any

import msgspec


class NewGithubApp(msgspec.Struct, forbid_unknown_fields=True):
    """A GitHub App to be registered by its manifest.

    `base_url` is that of an Enterprise Server; `organization` owns the App, else whoever opens the page. `public_url`
    is where GitHub reaches this service. `team_sync` lets it read members, `summaries` write checks; it only reads
    otherwise. `dry_run` shows the manifest and stores nothing.
    """

    base_url: str | None = None
    organization: str | None = None
    name: str | None = None
    public_url: str | None = None
    team_sync: bool = False
    summaries: bool = False
    dry_run: bool = False


class GithubAppBegun(msgspec.Struct):
    """The page to open, and what its one button sends to GitHub; `id` and `page` are null in a dry run."""

    id: str | None
    page: str | None
    action: str
    manifest: dict[str, Any]
    expires_at: datetime | None
    warnings: list[str]


class GithubAppShown(msgspec.Struct):
    """A registration: `state` is begun, waiting (for a worker), registered or failed, with the reason in `failure`.

    `install_url` is where a registered App is installed; `connections` are its installations.
    """

    id: str
    host: str
    state: str
    app_id: int | None
    install_url: str | None
    failure: str | None
    created_at: datetime
    registered_at: datetime | None
    connections: list[str]


class GithubAppList(msgspec.Struct):
    """All registrations of an organization, newest first."""

    items: list[GithubAppShown]
    next_cursor: str | None = None
