"""The manifest of our GitHub App: exactly the permissions and events that are read, by what is switched on. Pure.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from schema.errors import BadInputError

NAME_LENGTH = 34

# Without `installation` and `installation_repositories`, which GitHub sends to every App and refuses in a manifest.
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
    """What somebody wants of the App.

    `own_url` is where a browser reaches this service, `webhook_url` where GitHub does; None when GitHub cannot.
    """

    name: str
    own_url: str
    webhook_url: str | None
    registration: str
    reads_teams: bool = False
    writes_checks: bool = False


def permissions(*, reads_teams: bool, writes_checks: bool) -> dict[str, str]:
    """Reading only, unless summaries are to be written; members only for the sync of teams."""
    wanted = dict(PERMISSIONS)
    if reads_teams:
        wanted["members"] = "read"
    if writes_checks:
        wanted["checks"] = "write"
    return wanted


def build_manifest(requested: AppRequest) -> dict[str, Any]:
    """The manifest, as GitHub reads it. A private App: only the account that owns it can install it."""
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
    # With any hook at all GitHub wants an address that it can reach, even of a hook that is switched off.
    if requested.webhook_url is not None:
        manifest["hook_attributes"] = {"url": f"{requested.webhook_url}/webhooks/github", "active": True}
    return manifest


def form_action(base_url: str, account: str | None) -> str:
    """Where the manifest is sent: the new App of an organization, or of whoever is signed in at GitHub.

    Raises BadInputError for a name that no organization can have.
    """
    if account is None:
        return f"{base_url}/settings/apps/new"
    if not _ACCOUNT.fullmatch(account):
        raise BadInputError("must be the name of a GitHub organization, as in its address", field="organization")
    return f"{base_url}/organizations/{quote(account)}/settings/apps/new"


def chosen_name(reported: str | None, account: str | None, registration: str) -> str:
    """The App's name, which must be free at GitHub and can be changed there; raises BadInputError for a bad one."""
    if reported is None:
        return f"shipledger-{account or registration[-6:]}"[:NAME_LENGTH]
    name = reported.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise BadInputError(f"must have between 1 and {NAME_LENGTH} characters", field="name")
    return name
