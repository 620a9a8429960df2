"""Registrations of GitHub Apps: requests and responses."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from service.contracts.trial import Trial


class NewGithubApp(Struct, forbid_unknown_fields=True):
    """A GitHub App to register from a manifest. Without options, it has read access only."""

    base_url: Annotated[str | None, Meta(description="URL of your GitHub Enterprise Server; null for github.com")] = (
        None
    )
    organization: Annotated[
        str | None, Meta(description="Organization that owns the App (default: the account that opens the page)")
    ] = None
    name: Annotated[str | None, Meta(description="Name of the App (default: a generated one)")] = None
    public_url: Annotated[
        str | None, Meta(description="URL at which GitHub reaches this service (default: as configured)")
    ] = None
    team_sync: Annotated[bool, Meta(description="Let the App read the members of teams")] = False
    summaries: Annotated[bool, Meta(description="Let the App write checks")] = False
    dry_run: Annotated[bool, Meta(description="Return the manifest, and register nothing")] = False


class GithubAppStarted(Struct):
    """The page to open, and the manifest that it sends to GitHub."""

    id: Annotated[str | None, Meta(description="Id of the registration; null in a dry run")]
    page: Annotated[str | None, Meta(description="URL to open in a browser; null in a dry run")]
    action: Annotated[str, Meta(description="URL at GitHub to which the page sends the manifest")]
    manifest: Annotated[dict[str, Any], Meta(description="GitHub App manifest")]
    expires_at: Annotated[datetime | None, Meta(description="End of the time to confirm the App; null in a dry run")]
    warnings: Annotated[list[str], Meta(description="What will not work, and why")]


class GithubAppShown(Struct):
    """The registration of a GitHub App."""

    id: Annotated[str, Meta(description="Id of the registration")]
    host: Annotated[str, Meta(description="Host name of the GitHub server")]
    state: Annotated[str, Meta(description="started, waiting (for a worker), registered or failed")]
    app_id: Annotated[int | None, Meta(description="GitHub's number of the App; null until registered")]
    install_url: Annotated[str | None, Meta(description="URL at which to install the App; null until registered")]
    failure: Annotated[str | None, Meta(description="Why the registration failed and what to do; null otherwise")]
    created_at: datetime
    registered_at: Annotated[datetime | None, Meta(description="Null until registered")]
    connections: Annotated[list[str], Meta(description="Ids of the connections of its installations")]
    trial: Annotated[
        Trial | None, Meta(description="Whether the App works, tried at once and at each installation; null until then")
    ] = None


class GithubAppList(Struct):
    """All registrations of an organization, newest first."""

    items: list[GithubAppShown]
    next_cursor: NextCursor = None
