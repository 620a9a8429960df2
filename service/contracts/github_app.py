"""Registrations of GitHub Apps: requests and responses."""

from datetime import datetime
from typing import Any

import msgspec


class NewGithubApp(msgspec.Struct, forbid_unknown_fields=True):
    """A GitHub App to register from a manifest.

    `base_url` is the URL of your GitHub Enterprise Server. `organization` owns the App (default: the account that opens
    the page). `public_url` is the address at which GitHub reaches this service. `team_sync` lets the App read members,
    `summaries` lets it write checks; otherwise it has read access only. A `dry_run` returns the manifest.
    """

    base_url: str | None = None
    organization: str | None = None
    name: str | None = None
    public_url: str | None = None
    team_sync: bool = False
    summaries: bool = False
    dry_run: bool = False


class GithubAppStarted(msgspec.Struct):
    """The page to open, and the manifest that it sends to GitHub; `id` and `page` are null in a dry run."""

    id: str | None
    page: str | None
    action: str
    manifest: dict[str, Any]
    expires_at: datetime | None
    warnings: list[str]


class GithubAppShown(msgspec.Struct):
    """A registration: `state` is started, waiting (for a worker), registered or failed, with the reason in `failure`.

    Install a registered App at `install_url`; `connections` are its installations.
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
