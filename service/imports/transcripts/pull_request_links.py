"""Which pull request a session worked on, from the `pr-link` records of its transcripts.

An agent writes such a record whenever a pull request shows up in what a tool prints, and again when a session is
resumed. So a pull request that the session opened or pushed to is told apart from those merely mentioned: the record
follows the session's own command. A session that names a single pull request works on that one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from schema.errors import BadInputError
from schema.identifiers import parse_repository

# Commands and tools that open a pull request or push to one, as they stand in a record's JSON.
_OWN_WORK = re.compile(
    rb"\b(?:gh pr create|glab mr create|hub pull-request|git push|git -C [^\"&|;]{1,300}? push|gt submit)\b"
    rb"|create_pull_request|create_merge_request"
)
_DEFAULT_HOST = "github.com"


class PullRequestLink(Struct, frozen=True, array_like=True):
    """A pull request that a session names right after an answer; `own`: a command of the session's own came before."""

    session: str
    repository: str
    number: int
    answer: bytes
    own: bool
    occurred_at: str = ""
    branch: str | None = None


class _Record(Struct, rename="camel"):
    type: str
    session_id: Annotated[str, Meta(min_length=1)]
    pr_number: Annotated[int, Meta(ge=1, le=2**53)]
    pr_url: str | None = None
    pr_repository: str | None = None
    timestamp: str | None = None


_decode = msgspec.json.Decoder(_Record, strict=False).decode


def works_on_a_pull_request(raw: bytes) -> bool:
    """Return whether a response's record contains a command that opens a pull request or pushes to one."""
    return _OWN_WORK.search(raw) is not None


def read_link(raw: bytes, answer: bytes, *, own: bool, branch: str | None = None) -> PullRequestLink | None:
    """Read a `pr-link` record that follows an answer; None if it is not one or names no repository.

    `branch` is the one that the session is known to be on.
    """
    try:
        record = _decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return None
    repository = _repository(record.pr_repository, record.pr_url)
    if record.type != "pr-link" or repository is None:
        return None
    return PullRequestLink(
        record.session_id,
        repository,
        record.pr_number,
        answer,
        own=own,
        occurred_at=record.timestamp or "",
        branch=branch,
    )


def linked_answers(links: Iterable[PullRequestLink]) -> Mapping[bytes, PullRequestLink]:
    """Return the answers after which a session's own pull requests are named first."""
    sessions: dict[str, dict[tuple[str, int], PullRequestLink]] = defaultdict(dict)
    for link in sorted(links, key=lambda one: one.occurred_at):
        named = sessions[link.session]
        known = named.get((link.repository, link.number))
        if known is None or (link.own and not known.own):
            named[link.repository, link.number] = link
    found: dict[bytes, PullRequestLink] = {}
    for named in sessions.values():
        own = [link for link in named.values() if link.own]
        for link in own or (named.values() if len(named) == 1 else ()):
            found.setdefault(link.answer, link)
    return found


def _repository(name: str | None, url: str | None) -> str | None:
    try:
        host = urlsplit(url).hostname if url else None
        return str(parse_repository(name or "", host or _DEFAULT_HOST))
    except (BadInputError, ValueError):
        return None
