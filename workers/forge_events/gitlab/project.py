"""The project object of every GitLab payload, and system hook events about a project."""

from datetime import datetime

from schema.errors import BadInputError
from schema.identifiers import RepositoryName, parse_repository
from workers.forge_events.model import NamingFacts, RepositoryFacts
from workers.forge_events.reading import (
    Envelope,
    IncompletePayloadError,
    Json,
    host_of,
    instant,
    mapping,
    required,
    text,
    whole,
)

# Of webhooks and of the API.
ADDRESSES = ("web_url", "git_http_url", "git_ssh_url", "http_url_to_repo", "ssh_url_to_repo")


def read_project(
    node: Json, envelope: Envelope, reported_at: datetime, *, forge_id: int | None = None
) -> RepositoryFacts:
    """Read a project; older GitLab versions put its id elsewhere in the payload, passed as `forge_id`."""
    path = (text(node, "path_with_namespace") or "").strip("/").lower()
    if "/" not in path:
        raise IncompletePayloadError("The payload has no project.")
    host = host_of(text(node, "web_url") or text(node, "homepage"), envelope.host)
    name = RepositoryName(host, path)
    number = whole(node, "id") or forge_id
    also = _clone_names(node, name) if number is not None else ()
    return RepositoryFacts(name, number, reported_at, text(node, "default_branch"), also)


def _clone_names(node: Json, name: RepositoryName) -> tuple[RepositoryName, ...]:
    """Return the other names that the project has in the addresses it is cloned from."""
    found = []
    for key in ADDRESSES:
        try:
            found.append(parse_repository(text(node, key) or ""))
        except (BadInputError, ValueError):
            continue
    return tuple(dict.fromkeys(each for each in found if each != name and each.path.endswith(name.path)))


def read_project_of(payload: Json, envelope: Envelope, reported_at: datetime) -> RepositoryFacts:
    """Read the project of a push, note or release."""
    return read_project(mapping(payload, "project"), envelope, reported_at, forge_id=whole(payload, "project_id"))


def read_project_event(payload: Json, envelope: Envelope) -> NamingFacts:
    """Read a created, renamed or transferred project; system hooks send these without the host."""
    reported_at = instant(payload, "updated_at") or envelope.received_at
    repository = read_project(
        payload, envelope, reported_at, forge_id=required(whole(payload, "project_id"), "project id")
    )
    former = (text(payload, "old_path_with_namespace") or "").strip("/").lower()
    return NamingFacts(repository, (RepositoryName(repository.name.host, former),) if "/" in former else ())
