"""What an alias of an artifact hashes."""

from enum import StrEnum


class AliasKind(StrEnum):
    """What an alias hashes: a repository's name or numeric id, or a commit.

    `commit` was reported for the pull request itself, `pushed_commit` for its branch while it was open.
    """

    REPOSITORY = "repository"
    REPOSITORY_ID = "repository_id"
    COMMIT = "commit"
    PUSHED_COMMIT = "pushed_commit"
