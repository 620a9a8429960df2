"""The project object of every GitLab payload, and system hook events about a project."""

from datetime import datetime

from schema.identifiers import RepositoryName
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


def read_project(
    node: Json, envelope: Envelope, reported_at: datetime, *, forge_id: int | None = None
) -> RepositoryFacts:
    """Read a project; older GitLab versions put its id elsewhere in the payload, passed as `forge_id`."""
    path = (text(node, "path_with_namespace") or "").strip("/").lower()
    if "/" not in path:
        raise IncompletePayloadError("The payload has no project.")
    host = host_of(text(node, "web_url") or text(node, "homepage"), envelope.host)
    name = RepositoryName(host, path)
    return RepositoryFacts(name, whole(node, "id") or forge_id, reported_at, text(node, "default_branch"))


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
