"""Words that columns hold.

Apart from the tables, which every process would otherwise build as it starts, and which only migrations and
administration need.
"""

from enum import StrEnum


class RowState(StrEnum):
    """Where a row stands that a worker must see to."""

    WAITING = "waiting"
    PROCESSED = "processed"
    IGNORED = "ignored"
    DEAD = "dead"


class ImportEvent(StrEnum):
    """What the items of an import are: the event of its delivery."""

    PULL_REQUESTS = "import.pull_requests"
    RELEASES = "import.releases"


class ItemOutcome(StrEnum):
    """What became of an item of an import. An item that repeats an earlier one of its import counts as the same."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class PullRequestState(StrEnum):
    """Where a pull request stands; abandoned means closed without a merge."""

    OPEN = "open"
    MERGED = "merged"
    ABANDONED = "abandoned"


class ActivityKind(StrEnum):
    """Ways in which a pull request is worked on."""

    COMMIT = "commit"
    PUSH = "push"
    REVIEW = "review"
    OPEN = "open"
    MERGE = "merge"


class AliasKind(StrEnum):
    """What kind of name an alias hashes: a repository's name or numeric id at its forge, or a commit.

    `commit` is one that was told of the pull request itself, `pushed_commit` one that came to its branch in its life.
    """

    REPOSITORY = "repository"
    REPOSITORY_ID = "repository_id"
    COMMIT = "commit"
    PUSHED_COMMIT = "pushed_commit"


class RevertSource(StrEnum):
    """What says that something is taken back."""

    PULL_REQUEST = "pull_request"
    COMMIT = "commit"


class RevertTarget(StrEnum):
    """How it names what is taken back."""

    PULL_REQUEST = "pull_request"
    COMMIT = "commit"
    TITLE = "title"


class EnrichmentSubject(StrEnum):
    """What is asked: all of a pull request, or which pull requests a release ships."""

    PULL_REQUEST = "pull_request"
    RELEASE = "release"


class BackfillStage(StrEnum):
    """What a step asks the forge for, in this order; `list` finds the repositories, and the others are of one.

    Pull requests that change while they are listed may slip from a page that is to come to one that was, so those of
    the meantime are asked for again.
    """

    LIST = "list"
    PULL_REQUESTS = "pull_requests"
    CHANGED_MEANWHILE = "changed_meanwhile"
    RELEASES = "releases"
    TAGS = "tags"


class RepairKind(StrEnum):
    """What a check asks the forge for: deliveries that failed, tags and releases, pull requests of the last days."""

    DELIVERIES = "deliveries"
    RELEASES = "releases"
    COMPARISON = "comparison"


class HookState(StrEnum):
    """Where a registration stands; a worker sees to it again and again until it failed or was removed."""

    WAITING = "waiting"
    REGISTERED = "registered"
    FAILED = "failed"
    REMOVING = "removing"
    REMOVED = "removed"


class TestDelivery(StrEnum):
    """What became of the delivery that the forge was asked to send for a test."""

    ARRIVED = "arrived"
    LOST = "lost"
    NOTHING_TO_SEND = "nothing_to_send"
    NOT_OFFERED = "not_offered"


class AppState(StrEnum):
    """Where the registration of an App stands: begun here, its code waiting for a worker, registered, or failed."""

    BEGUN = "begun"
    WAITING = "waiting"
    REGISTERED = "registered"
    FAILED = "failed"
