"""What is sent to begin a backfill, and what is shown of one."""

from datetime import datetime

import msgspec

from schema.contracts.values import Forge


class NewBackfill(msgspec.Struct, forbid_unknown_fields=True):
    """Fetch what a forge knew before it was connected.

    Of every connection to the forge that has a token, or of `connection` alone; of every repository that the token
    reaches, or of `repository` alone; back to `since`, by default 12 months. `dry_run` counts and fetches nothing.
    """

    forge: Forge
    connection: str | None = None
    repository: str | None = None
    since: datetime | None = None
    dry_run: bool = False


class BackfillShown(msgspec.Struct):
    """How far a backfill came.

    `state` is running, waiting (until `continues_at`, by the forge's limits), done or failed. It failed when any
    repository did, `failures` of them by reason. `expected_pull_requests` grows while repositories are found; a forge
    may count older ones in.
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
