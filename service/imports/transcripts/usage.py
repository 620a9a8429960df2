"""The `usage` object of a Claude response: what decides tokens and price of the requests behind it.

Input excludes the cache, and output includes thinking, so all of it counts as visible. `iterations` lists the
inferences of one response. The flat fields sum those of type `message`, sometimes too low, and leave out the others,
such as an advisor of another model; those are requests of their own.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from service.contracts.token_event import Count
from vocabulary.service_tiers import service_tier
from vocabulary.tokens import MAXIMUM_TOKENS, TokenCounts, sum_tokens

# The iterations that the flat fields sum.
OWN = "message"
MAXIMUM_PIECES = 2**31 - 1


class Lifetimes(Struct, gc=False):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class Counts(Struct, gc=False):
    """The counts of a response or of one iteration."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: Lifetimes | None = None


class Iteration(Counts, gc=False):
    """One inference of a response."""

    type: str | None = None
    model: str | None = None


class ServerTools(Struct, gc=False):
    """What the provider charges by piece."""

    web_search_requests: Count | None = None
    code_execution_requests: Count | None = None


class Usage(Counts, gc=False):
    """The usage of a response."""

    iterations: list[Iteration] | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None


class Inference(Struct, frozen=True, array_like=True, gc=False):
    """Tokens of one model, of which `cache_write_1h` are cache writes that live an hour."""

    model: str
    tokens: TokenCounts
    cache_write_1h: int = 0


NOTHING = Inference("", TokenCounts())


def total_tokens(model: str, usage: Usage) -> int:
    """Return all tokens of a response, quicker than by its inferences."""
    if usage.iterations:
        own, further = inferences(model, usage)
        return own.tokens.total + sum(part.tokens.total for part in further)
    written, lifetimes = usage.cache_creation_input_tokens or 0, usage.cache_creation
    if lifetimes is not None:
        by_lifetime = (lifetimes.ephemeral_5m_input_tokens or 0) + (lifetimes.ephemeral_1h_input_tokens or 0)
        written = max(written, by_lifetime)
    return (usage.input_tokens or 0) + (usage.output_tokens or 0) + (usage.cache_read_input_tokens or 0) + written


def tier(usage: Usage) -> str:
    """Return the service tier with speed and region; empty for standard."""
    return _tier(usage.service_tier, usage.speed, usage.inference_geo)


# Transcripts hold few combinations, each many times.
_tier = lru_cache(256)(service_tier)


def pieces(usage: Usage) -> tuple[int, int]:
    """Return the numbers of web searches and code executions."""
    tools = usage.server_tool_use
    if tools is None:
        return 0, 0
    counts = (tools.web_search_requests or 0, tools.code_execution_requests or 0)
    return min(counts[0], MAXIMUM_PIECES), min(counts[1], MAXIMUM_PIECES)


def inferences(model: str, usage: Usage) -> tuple[Inference, tuple[Inference, ...]]:
    """Return the tokens of the response's own model, and those of further inferences in their order."""
    flat = _inference(model, usage)
    if not usage.iterations:
        return flat, ()
    each = [(part.type == OWN, _inference(part.model or model, part)) for part in usage.iterations]
    own = _sum(model, [part for is_own, part in each if is_own and part.model == model])
    further = tuple(part for is_own, part in each if not is_own or part.model != model)
    # Where the flat fields include an inference of another model, each model gets its own.
    if own.tokens.total and _sum(model, [own, *further]).tokens == flat.tokens:
        return own, further
    return max(flat, own, key=lambda one: one.tokens.total), tuple(part for part in further if part.tokens.total)


def _inference(model: str, counts: Counts) -> Inference:
    lifetimes = counts.cache_creation
    an_hour = (lifetimes.ephemeral_1h_input_tokens or 0) if lifetimes else 0
    by_lifetime = an_hour + ((lifetimes.ephemeral_5m_input_tokens or 0) if lifetimes else 0)
    written = max(counts.cache_creation_input_tokens or 0, by_lifetime)
    tokens = TokenCounts(
        counts.input_tokens or 0, counts.cache_read_input_tokens or 0, written, counts.output_tokens or 0, 0
    )
    return Inference(model, tokens, an_hour)


def _sum(model: str, parts: Iterable[Inference]) -> Inference:
    parts = list(parts)
    return Inference(model, sum_tokens(part.tokens for part in parts), sum(part.cache_write_1h for part in parts))


class Cleaned:
    """Usage from JSON of any form: numbers as text or float are read, and `flawed` says that a count could not be."""

    def __init__(self, value: object) -> None:
        self.flawed = False
        usage = value if isinstance(value, dict) else {}
        tools, parts = usage.get("server_tool_use"), usage.get("iterations")
        self.usage = Usage(
            **self._counts(usage),
            iterations=[self._iteration(part) for part in parts if isinstance(part, dict)]
            if isinstance(parts, list)
            else None,
            server_tool_use=ServerTools(
                web_search_requests=self._count(tools.get("web_search_requests")),
                code_execution_requests=self._count(tools.get("code_execution_requests")),
            )
            if isinstance(tools, dict)
            else None,
            service_tier=_text(usage.get("service_tier")),
            speed=_text(usage.get("speed")),
            inference_geo=_text(usage.get("inference_geo")),
        )

    def _iteration(self, part: Mapping[str, Any]) -> Iteration:
        return Iteration(**self._counts(part), type=_text(part.get("type")), model=_text(part.get("model")))

    def _counts(self, part: Mapping[str, Any]) -> dict[str, Any]:
        written = part.get("cache_creation")
        lifetimes = (
            Lifetimes(
                ephemeral_5m_input_tokens=self._count(written.get("ephemeral_5m_input_tokens")),
                ephemeral_1h_input_tokens=self._count(written.get("ephemeral_1h_input_tokens")),
            )
            if isinstance(written, dict)
            else None
        )
        names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        return {**{name: self._count(part.get(name)) for name in names}, "cache_creation": lifetimes}

    def _count(self, value: object) -> int | None:
        """Return a count, or None when there is none or it is not a number from 0 to the limit of one event."""
        if value is None:
            return None
        try:
            number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1.0
        except (ValueError, OverflowError):
            number = -1.0
        if 0 <= number <= MAXIMUM_TOKENS and number.is_integer():
            return int(number)
        self.flawed = True
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
