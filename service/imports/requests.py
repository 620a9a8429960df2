"""Model requests in the log of a gateway or provider, converted to token events."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from service.contracts.token_event import EARLIEST, LATEST, TokenEventIn, TokensIn
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

MAXIMUM_ID = 200
MAXIMUM_PIECES = 2**31 - 1


def is_plausible(instant: datetime) -> bool:
    """Return whether the API accepts a time. One impossible time would refuse the whole bulk."""
    return EARLIEST <= instant < LATEST


def plain_text(value: Any, longest: int) -> str:
    """Return the text of a name, without what no database stores; empty for an object or list."""
    if value is None or isinstance(value, dict | list):
        return ""
    return "".join(character for character in str(value)[:longest] if character.isprintable()).strip()


class Extras(NamedTuple):
    """What decides a price beside model and tokens; `cache_write_1h` is a part of `cache_write`."""

    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0


NO_EXTRAS = Extras()


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
    extras: Extras = NO_EXTRAS

    @property
    def key(self) -> str:
        """What identifies the request in its log."""
        return self.request_id or self.content


def token_event(request: Request, source: str) -> TokenEventIn:
    """Convert a request to the API's token event; the event id makes repeated imports count once."""
    model, extras = model_name(request.model, request.provider), request.extras
    written_1h = min(extras.cache_write_1h, request.tokens.cache_write)
    return TokenEventIn(
        event_id=hashlib.sha256(f"{source}/{request.key}".encode(errors="replace")).hexdigest(),
        occurred_at=request.ended_at,
        source=source,
        provider=model.provider,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**request.tokens._asdict(), cache_write_1h=written_1h),
        service_tier=extras.service_tier,
        web_searches=min(extras.web_searches, MAXIMUM_PIECES),
        code_executions=min(extras.code_executions, MAXIMUM_PIECES),
        team=request.team,
        request_id=request.request_id if 0 < len(request.request_id) <= MAXIMUM_ID else None,
    )
