"""The project object of every GitLab payload, and a system hook's events about a project itself."""

from datetime import datetime

from schema.identifiers import RepositoryName
from workers.facts.model import NamingFacts, RepositoryFacts
from workers.forge_events.reading import (
    Envelope,
    Json,
    NotUnderstoodError,
    host_of,
    instant,
    mapping,
    required,
    text,
    whole,
)


def read_project(
    reported: Json, envelope: Envelope, reported_at: datetime, *, forge_id: int | None = None
) -> RepositoryFacts:
    """A project; older GitLabs tell its id elsewhere in the payload, as `forge_id`."""
    path = (text(reported, "path_with_namespace") or "").strip("/").lower()
    if "/" not in path:
        raise NotUnderstoodError("has no project")
    host = host_of(text(reported, "web_url") or text(reported, "homepage"), envelope.host)
    name = RepositoryName(host, path)
    return RepositoryFacts(name, whole(reported, "id") or forge_id, reported_at, text(reported, "default_branch"))


def read_project_of(payload: Json, envelope: Envelope, reported_at: datetime) -> RepositoryFacts:
    """The project that a push, note or release belongs to."""
    return read_project(mapping(payload, "project"), envelope, reported_at, forge_id=whole(payload, "project_id"))


def read_project_event(payload: Json, envelope: Envelope) -> NamingFacts:
    """A project created, renamed or transferred; told by system hooks, without the host."""
    reported_at = instant(payload, "updated_at") or envelope.received_at
    repository = read_project(
        payload, envelope, reported_at, forge_id=required(whole(payload, "project_id"), "project id")
    )
    former = (text(payload, "old_path_with_namespace") or "").strip("/").lower()
    return NamingFacts(repository, (RepositoryName(repository.name.host, former),) if "/" in former else ())
