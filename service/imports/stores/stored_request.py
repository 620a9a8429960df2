"""A model request that an agent kept on this machine, and its token event."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from service.contracts.session_evidence import SessionEvidenceIn
from service.contracts.token_event import TokenEventIn, TokensIn
from service.imports.transcripts.evidence import session_evidence
from service.imports.transcripts.folder_repositories import Repositories
from service.imports.transcripts.git_marks import GitMark
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

MAXIMUM_IDENTIFIER, MAXIMUM_BRANCH = 200, 1000


class StoredRequest(Struct, frozen=True, gc=False):
    """One model request, or the sum that a store keeps of several. `key` names it in its store, wherever it is copied.

    `folder` is where the session worked. It is only used here and never sent.
    """

    source: str
    key: str
    occurred_at: datetime
    model: str
    tokens: TokenCounts
    session: str | None = None
    provider: str = ""
    folder: str | None = None
    repository: str | None = None
    branch: str | None = None
    request_id: str | None = None

    @property
    def event_id(self) -> str:
        """Return the id by which the request counts once."""
        return hashlib.sha256(f"{self.source}/{self.key}".encode("utf-8", "replace")).hexdigest()


class StoredMark(Struct, frozen=True, gc=False):
    """What a store says of where a session worked; see GitMark."""

    source: str
    mark: GitMark


def each_once(requests: Iterable[StoredRequest]) -> Iterator[StoredRequest]:
    """Yield the requests, each once: of copies the one with the most tokens, of equal ones the first."""
    best: dict[str, StoredRequest] = {}
    for request in requests:
        known = best.get(request.event_id)
        if known is None or request.tokens.total > known.tokens.total:
            best[request.event_id] = request
    yield from best.values()


def mark_evidence(stored: StoredMark, repositories: Repositories) -> SessionEvidenceIn | None:
    """Convert a mark to the API's session evidence; None outside any repository."""
    return next(session_evidence([stored.mark], repositories, stored.source), None)


def token_event(request: StoredRequest, repositories: Repositories, team: str | None) -> TokenEventIn:
    """Convert a request to the API's token event."""
    model = model_name(request.model, request.provider)
    return TokenEventIn(
        event_id=request.event_id,
        occurred_at=request.occurred_at,
        source=request.source,
        provider=model.provider,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**request.tokens._asdict()),
        session=_within(request.session, MAXIMUM_IDENTIFIER),
        team=team,
        repository=request.repository or repositories.of(request.folder),
        branch=_within(request.branch, MAXIMUM_BRANCH),
        request_id=_within(request.request_id, MAXIMUM_IDENTIFIER),
    )


def _within(text: str | None, length: int) -> str | None:
    return text if text and len(text) <= length else None
