"""What the body of an answer in Bedrock's log says of its price: service tier, cache lifetimes and searches.

A body is an object, or for streams the list of its events; the last usage counts. Converse names cache writes by
lifetime (`cacheDetails`), Anthropic's models in `cache_creation`. No text of an answer is decoded.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from service.contracts.token_event import Count
from service.imports.requests import Extras
from vocabulary.service_tiers import service_tier

HOUR = "1h"


class _CacheDetail(Struct, rename="camel"):
    ttl: Any = None
    input_tokens: Count | None = None


class _CacheCreation(Struct):
    ephemeral_1h_input_tokens: Count | None = None


class _ServerTools(Struct):
    web_search_requests: Count | None = None
    code_execution_requests: Count | None = None


class _Usage(Struct):
    cache_details: Raw = field(default_factory=Raw, name="cacheDetails")
    cache_creation: _CacheCreation | None = None
    server_tool_use: _ServerTools | None = None
    service_tier: Any = None
    inference_geo: Any = None
    speed: Any = None


class _Tier(Struct):
    type: Any = None


class _Body(Struct):
    usage: Raw = field(default_factory=Raw)
    message: Raw = field(default_factory=Raw)
    metadata: Raw = field(default_factory=Raw)
    service_tier: Raw = field(default_factory=Raw, name="serviceTier")


def read_extras(body: Raw, cache_details: Raw, tier: str) -> Extras:
    """Return what the body and the record say; what cannot be read says nothing."""
    written, tiers, searches, executions = _hour_tokens(cache_details), {tier}, 0, 0
    for part in _parts(body):
        tiers.add(_name(_decoded(part.service_tier, _Tier)))
        usage = _decoded(part.usage, _Usage)
        if usage is None:
            continue
        creation, tools = usage.cache_creation or _CacheCreation(), usage.server_tool_use or _ServerTools()
        written = max(written, _hour_tokens(usage.cache_details), creation.ephemeral_1h_input_tokens or 0)
        searches = max(searches, tools.web_search_requests or 0)
        executions = max(executions, tools.code_execution_requests or 0)
        tiers.update(str(each) for each in (usage.service_tier, usage.inference_geo, usage.speed) if each)
    return Extras(written, service_tier(*sorted(tiers)), searches, executions)


def _parts(body: Raw) -> Iterator[_Body]:
    """Yield the body, or the events of a stream, and what is nested in them."""
    events = _decoded(body, list[Raw]) if bytes(body).startswith(b"[") else [body]
    for event in events or ():
        if (part := _decoded(event, _Body)) is None:
            continue
        yield part
        for inner in (part.message, part.metadata):
            if (nested := _decoded(inner, _Body)) is not None:
                yield nested


def _hour_tokens(raw: Raw) -> int:
    details = _decoded(raw, list[_CacheDetail]) or []
    return sum(each.input_tokens or 0 for each in details if each.ttl == HOUR)


def _name(tier: _Tier | None) -> str:
    return str(tier.type) if tier and tier.type else ""


def _decoded(raw: Raw, shape: type[Any]) -> Any:
    """Return the decoded part, None if it is missing or of another form."""
    try:
        return msgspec.json.decode(raw, type=shape) if raw else None
    except (msgspec.MsgspecError, UnicodeError):
        return None
