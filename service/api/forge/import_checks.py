"""Checks of import items beyond their contract, before the bulk is accepted. Pure."""

from collections.abc import Sequence

from schema.contracts.pull_request import PullRequestIn
from schema.contracts.release import ReleaseIn
from schema.errors import BadInputError
from schema.identifiers import DEFAULT_HOSTS, parse_repository


def check_pull_requests(items: Sequence[PullRequestIn]) -> None:
    """Raise BadInputError with the field of the first invalid item."""
    for index, item in enumerate(items):
        check_repository(item, index)
    for index, item in enumerate(items):
        check_ends(item, index)


def check_releases(items: Sequence[ReleaseIn]) -> None:
    """Raise BadInputError with the field of the first invalid item."""
    for index, item in enumerate(items):
        check_repository(item, index)


def check_repository(item: PullRequestIn | ReleaseIn, index: int) -> None:
    """Raise BadInputError unless the repository has a host, an owner and a name."""
    try:
        parse_repository(item.repository, DEFAULT_HOSTS[item.forge])
    except (BadInputError, ValueError) as error:
        detail = error.detail if isinstance(error, BadInputError) else "is not valid; write host/owner/name"
        raise BadInputError(detail, field=f"items[{index}].repository") from error


def check_ends(item: PullRequestIn, index: int) -> None:
    """Raise BadInputError unless the times fit the state."""
    if item.state == "merged" and item.merged_at is None:
        raise BadInputError("is missing; a merged pull request needs it", field=f"items[{index}].merged_at")
    if item.state == "abandoned" and item.closed_at is None:
        raise BadInputError("is missing; an abandoned pull request needs it", field=f"items[{index}].closed_at")
    for name, end in (("merged_at", item.merged_at), ("closed_at", item.closed_at)):
        if end is not None and end < item.opened_at:
            raise BadInputError("must not be before opened_at", field=f"items[{index}].{name}")
