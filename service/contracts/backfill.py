"""Backfills: requests and progress."""

from datetime import datetime

import msgspec

from schema.contracts.values import Forge


class NewBackfill(msgspec.Struct, forbid_unknown_fields=True):
    """A backfill to start.

    It covers every connection to the forge that has a token, or only `connection`; every repository that the token can
    read, or only `repository`; and starts at `since` (default: 12 months ago). A `dry_run` only counts.
    """

    forge: Forge
    connection: str | None = None
    repository: str | None = None
    since: datetime | None = None
    dry_run: bool = False


class BackfillShown(msgspec.Struct):
    """The progress of a backfill.

    `state` is running, waiting (for the forge's rate limit, until `continues_at`), done or failed. It is failed if any
    repository failed; `failures` counts them by reason. `expected_pull_requests` grows while repositories are found,
    and may include pull requests from before `since`.
    """

    id: str
    forge: str
    connection: str
    state: str
    since: datetime
    dry_run: bool
    repositories: int
    finished_repositories: int
    expected_pull_requests: int
    pull_requests: int
    releases: int
    requests: int
    created_at: datetime
    continues_at: datetime | None
    finished_at: datetime | None
    failures: dict[str, int]


class BackfillList(msgspec.Struct):
    """Backfills, newest first."""

    items: list[BackfillShown]
    next_cursor: str | None = None
