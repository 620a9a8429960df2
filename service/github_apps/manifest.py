"""The manifest of the GitHub App, with only the permissions and events that are used. Pure.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from schema.errors import BadInputError

NAME_LENGTH = 34

# GitHub sends `installation` and `installation_repositories` to every App, and refuses them in a manifest.
EVENTS = (
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "installation_target",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
    "release",
    "repository",
)
PERMISSIONS = {
    "contents": "read",
    "deployments": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "read",
}

# GitHub's rule for the names of organizations.
_ACCOUNT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,98}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class AppRequest:
    """Options of the App.

    A browser reaches this service at `own_url`, GitHub at `webhook_url`, which is None if GitHub cannot reach it.
    """

    name: str
    own_url: str
    webhook_url: str | None
    registration: str
    reads_teams: bool = False
    writes_checks: bool = False


def permissions(*, reads_teams: bool, writes_checks: bool) -> dict[str, str]:
    """Return the App's permissions: read access, plus members for team sync and checks for summaries."""
    wanted = dict(PERMISSIONS)
    if reads_teams:
        wanted["members"] = "read"
    if writes_checks:
        wanted["checks"] = "write"
    return wanted


def build_manifest(requested: AppRequest) -> dict[str, Any]:
    """Build the manifest of a private App, which only its owner can install."""
    manifest: dict[str, Any] = {
        "name": requested.name,
        "url": requested.webhook_url or requested.own_url,
        "redirect_url": f"{requested.own_url}/github/registered",
        "setup_url": f"{requested.own_url}/github/installed/{requested.registration}",
        "setup_on_update": True,
        "public": False,
        "default_permissions": permissions(reads_teams=requested.reads_teams, writes_checks=requested.writes_checks),
        "default_events": list(EVENTS),
    }
    # GitHub requires a reachable address for any hook, even an inactive one.
    if requested.webhook_url is not None:
        manifest["hook_attributes"] = {"url": f"{requested.webhook_url}/webhooks/github", "active": True}
    return manifest


def form_action(base_url: str, account: str | None) -> str:
    """Return the URL for the manifest, for an organization or for the user who is signed in to GitHub.

    Raises BadInputError for an invalid organization name.
    """
    if account is None:
        return f"{base_url}/settings/apps/new"
    if not _ACCOUNT.fullmatch(account):
        raise BadInputError("must be the name of a GitHub organization, as in its address", field="organization")
    return f"{base_url}/organizations/{quote(account)}/settings/apps/new"


def chosen_name(requested: str | None, account: str | None, registration: str) -> str:
    """Return the App's name, which must be unique at GitHub; raises BadInputError if it is invalid."""
    if requested is None:
        return f"shipledger-{account or registration[-6:]}"[:NAME_LENGTH]
    name = requested.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise BadInputError(f"must have between 1 and {NAME_LENGTH} characters", field="name")
    return name
