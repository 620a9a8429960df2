"""Backfills: requests and progress."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from vocabulary.forge import Forge


class NewBackfill(Struct, forbid_unknown_fields=True):
    """A backfill to start."""

    forge: Forge
    connection: Annotated[
        str | None,
        Meta(description="Id of the connection; null for every connection to the forge with access to its API"),
    ] = None
    repository: Annotated[
        str | None,
        Meta(
            description="Repository as host/owner/name, owner/name or clone URL; null for every repository that the "
            "connection can read"
        ),
    ] = None
    since: Annotated[
        datetime | None,
        Meta(description="Start of the history to fetch; UTC unless it has an offset (default: 12 months ago)"),
    ] = None
    dry_run: Annotated[bool, Meta(description="Count, but fetch and store nothing")] = False


class BackfillShown(Struct):
    """The progress of a backfill."""

    id: str
    forge: str
    connection: Annotated[str, Meta(description="Id of the connection")]
    state: Annotated[
        str,
        Meta(description="running, waiting (for the forge's rate limit), done, or failed (if any repository failed)"),
    ]
    since: Annotated[datetime, Meta(description="Start of the history to fetch")]
    dry_run: Annotated[bool, Meta(description="True if the backfill only counts")]
    repositories: Annotated[int, Meta(description="Repositories found so far")]
    finished_repositories: Annotated[int, Meta(description="Repositories that are done or failed")]
    expected_pull_requests: Annotated[
        int,
        Meta(
            description="Pull requests to fetch; grows while repositories are found, and may include some from "
            "before `since`"
        ),
    ]
    pull_requests: Annotated[int, Meta(description="Pull requests fetched so far")]
    releases: Annotated[int, Meta(description="Releases fetched so far")]
    requests: Annotated[int, Meta(description="Requests sent to the forge's API so far")]
    created_at: datetime
    continues_at: Annotated[datetime | None, Meta(description="When the forge's rate limit ends; null unless waiting")]
    finished_at: Annotated[datetime | None, Meta(description="Null until finished")]
    failures: Annotated[dict[str, int], Meta(description="Number of failed repositories by reason")]


class BackfillList(Struct):
    """Backfills, newest first."""

    items: list[BackfillShown]
    next_cursor: NextCursor = None
