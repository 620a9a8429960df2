"""The repository object of every GitHub payload, and events about a repository."""

from datetime import datetime

from schema.identifiers import RepositoryName
from workers.forge_events.model import Facts, Ignored, NamingFacts, RepositoryFacts
from workers.forge_events.reading import (
    Envelope,
    IncompletePayloadError,
    Json,
    host_of,
    instant,
    mapping,
    newest,
    required,
    text,
    whole,
)


def read_repository(node: Json, envelope: Envelope, reported_at: datetime | None) -> RepositoryFacts:
    """Read a repository, as of the newest time in it or its event."""
    full_name = text(node, "full_name") or ""
    if "/" not in full_name.strip("/"):
        raise IncompletePayloadError("The payload has no repository.")
    host = host_of(text(node, "html_url"), envelope.host)
    seen_at = newest(instant(node, "updated_at"), instant(node, "pushed_at"), reported_at)
    return RepositoryFacts(
        RepositoryName(host, full_name.strip("/").lower()),
        whole(node, "id"),
        seen_at or envelope.received_at,
        text(node, "default_branch"),
    )


def read_repository_event(payload: Json, envelope: Envelope) -> Facts:
    """Read the current name of a created, renamed or transferred repository, and its former one if present."""
    if text(payload, "action") == "deleted":
        return Ignored("The history of a deleted repository stays.")
    node = mapping(payload, "repository")
    repository = read_repository(node, envelope, None)
    owner, _, name = repository.name.path.partition("/")
    former_name = text(mapping(payload, "changes", "repository", "name"), "from")
    before = mapping(payload, "changes", "owner", "from")
    former_owner = text(mapping(before, "user"), "login") or text(mapping(before, "organization"), "login")
    former = []
    if former_name or former_owner:
        path = f"{former_owner or owner}/{former_name or name}".lower()
        former.append(RepositoryName(repository.name.host, path))
    required(repository.forge_id, "repository id")
    return NamingFacts(repository, tuple(former))
