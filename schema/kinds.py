"""Values of columns. Separate from schema.tables, which only migrations and administration should import."""

from enum import StrEnum


class RowState(StrEnum):
    """State of a row that a worker processes."""

    WAITING = "waiting"
    PROCESSED = "processed"
    IGNORED = "ignored"
    DEAD = "dead"


class ImportEvent(StrEnum):
    """The kind of an import's items: the event of its delivery."""

    PULL_REQUESTS = "import.pull_requests"
    RELEASES = "import.releases"


class ItemOutcome(StrEnum):
    """Outcome of an item of an import. An item that repeats an earlier one of the import is `same`."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class PullRequestState(StrEnum):
    """State of a pull request; abandoned means closed without a merge."""

    OPEN = "open"
    MERGED = "merged"
    ABANDONED = "abandoned"


class LandedBy(StrEnum):
    """How a pull request that its forge calls closed is known to be merged: its commit, or its number in a message."""

    COMMIT = "commit"
    NUMBER = "number"


class TeamChangeKind(StrEnum):
    """What changes teams: a repository, a handle of CODEOWNERS files, or the removal of the team itself."""

    REPOSITORY = "repository"
    CODE_OWNER = "code_owner"
    REMOVAL = "removal"


class BackfillStage(StrEnum):
    """Stages of a backfill: `list` finds the repositories, the others fetch one repository, in this order.

    Pull requests that change while they are listed may move to a page that was already read, so those are listed again.
    """

    LIST = "list"
    PULL_REQUESTS = "pull_requests"
    CHANGED_MEANWHILE = "changed_meanwhile"
    RELEASES = "releases"
    TAGS = "tags"


class HookState(StrEnum):
    """State of a hook registration; a worker checks it regularly until it is failed or removed."""

    WAITING = "waiting"
    REGISTERED = "registered"
    FAILED = "failed"
    REMOVING = "removing"
    REMOVED = "removed"


class TestDelivery(StrEnum):
    """Outcome of the test delivery that the forge was asked to send."""

    ARRIVED = "arrived"
    LOST = "lost"
    NOTHING_TO_SEND = "nothing_to_send"
    NOT_OFFERED = "not_offered"


class AppState(StrEnum):
    """State of an App's registration; `waiting` means that a worker must exchange the code."""

    STARTED = "started"
    WAITING = "waiting"
    REGISTERED = "registered"
    FAILED = "failed"
