"""GitHub's events, each read in its own file."""

from collections.abc import Callable

from workers.forge_events.github.deployment import read_deployment
from workers.forge_events.github.installation import (
    read_installation,
    read_installation_repositories,
    read_installation_target,
)
from workers.forge_events.github.merge_group import read_merge_group
from workers.forge_events.github.pull_request import read_pull_request
from workers.forge_events.github.pull_request_review import read_review, read_review_comment
from workers.forge_events.github.push import read_push
from workers.forge_events.github.release import read_release
from workers.forge_events.github.repository import read_repository_event
from workers.forge_events.github.tag import read_tag_created, read_tag_deleted
from workers.forge_events.model import Facts, Ignored
from workers.forge_events.reading import Envelope, Json

_READERS: dict[str, Callable[[Json, Envelope], Facts]] = {
    "create": read_tag_created,
    "delete": read_tag_deleted,
    "deployment": read_deployment,
    "deployment_status": read_deployment,
    "installation": read_installation,
    "installation_repositories": read_installation_repositories,
    "installation_target": read_installation_target,
    "merge_group": read_merge_group,
    "pull_request": read_pull_request,
    "pull_request_review": read_review,
    "pull_request_review_comment": read_review_comment,
    "push": read_push,
    "release": read_release,
    "repository": read_repository_event,
}


def parse_github(event: str, payload: Json, envelope: Envelope) -> Facts:
    """Read the facts of a GitHub payload; raises IncompletePayloadError when an essential part is missing."""
    reader = _READERS.get(event)
    return Ignored("This event is not used.") if reader is None else reader(payload, envelope)
