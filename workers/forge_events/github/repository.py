"""The repository object of every GitHub payload, and events about a repository itself."""

from datetime import datetime

from schema.identifiers import RepositoryName
from workers.facts.model import Facts, Ignored, NamingFacts, RepositoryFacts
from workers.forge_events.reading import (
    Envelope,
    Json,
    NotUnderstoodError,
    host_of,
    instant,
    mapping,
    newest,
    required,
    text,
    whole,
)


def read_repository(reported: Json, envelope: Envelope, reported_at: datetime | None) -> RepositoryFacts:
    """The repository of a payload, as of the newest time that it or the event tells."""
    full_name = text(reported, "full_name") or ""
    if "/" not in full_name.strip("/"):
        raise NotUnderstoodError("has no repository")
    host = host_of(text(reported, "html_url"), envelope.host)
    seen_at = newest(instant(reported, "updated_at"), instant(reported, "pushed_at"), reported_at)
    return RepositoryFacts(
        RepositoryName(host, full_name.strip("/").lower()),
        whole(reported, "id"),
        seen_at or envelope.received_at,
        text(reported, "default_branch"),
    )


def read_repository_event(payload: Json, envelope: Envelope) -> Facts:
    """Created, renamed, transferred and the like: each tells the present name, and some the former one."""
    if text(payload, "action") == "deleted":
        return Ignored("the history of a deleted repository stays")
    reported = mapping(payload, "repository")
    repository = read_repository(reported, envelope, None)
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
