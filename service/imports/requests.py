"""Model requests in the log of a gateway or provider, converted to token events."""

import hashlib
from datetime import datetime

from msgspec import Struct

from schema.vocabulary.model_names import model_name
from schema.vocabulary.tokens import TokenCounts
from service.contracts.token_event import TokenEventIn, TokensIn

MAXIMUM_ID = 200


class Request(Struct, frozen=True):
    """One model request in a log; `request_id` is the log's id.

    Where the log has no id, `content` stands for it: what identifies the request, so that it counts once.
    """

    request_id: str
    ended_at: datetime
    model: str
    provider: str
    tokens: TokenCounts
    team: str | None = None
    content: str = ""

    @property
    def key(self) -> str:
        """What identifies the request in its log."""
        return self.request_id or self.content


def token_event(request: Request, source: str) -> TokenEventIn:
    """Convert a request to the API's token event; the event id makes repeated imports count once."""
    model = model_name(request.model, request.provider)
    return TokenEventIn(
        event_id=hashlib.sha256(f"{source}/{request.key}".encode(errors="replace")).hexdigest(),
        occurred_at=request.ended_at,
        source=source,
        provider=model.provider,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**request.tokens._asdict()),
        team=request.team,
        request_id=request.request_id if 0 < len(request.request_id) <= MAXIMUM_ID else None,
    )
