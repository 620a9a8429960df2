"""Model requests that a gateway's or provider's log tells of, as token events; names of who asked are never read."""

import hashlib
from datetime import datetime

from msgspec import Struct

from schema.contracts.token_event import TokenEventIn, TokensIn
from schema.model_names import model_name
from schema.tokens import TokenCounts

MAXIMUM_ID = 200


class Request(Struct, frozen=True):
    """One model request that a log tells of; `request_id` is the log's own id of it."""

    request_id: str
    ended_at: datetime
    model: str
    provider: str
    tokens: TokenCounts
    team: str | None = None


def token_event(request: Request, source: str) -> TokenEventIn:
    """A request as the API takes it; it counts once, however often it is imported."""
    model = model_name(request.model, request.provider)
    return TokenEventIn(
        event_id=hashlib.sha256(f"{source}/{request.request_id}".encode()).hexdigest(),
        occurred_at=request.ended_at,
        source=source,
        provider=model.provider,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**request.tokens._asdict()),
        team=request.team,
        request_id=request.request_id if len(request.request_id) <= MAXIMUM_ID else None,
    )
