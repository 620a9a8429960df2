"""Claude Code's local transcripts: the tokens of one model answer per line.

A line is a JSON object. Only lines of `type` `assistant` with a `message.usage` have tokens. A streamed answer is
written as several lines with one message id and growing output, and resumed or forked sessions copy lines into other
files. So each message id counts once, with its largest counts.
"""

import hashlib
import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, field

from schema.vocabulary.model_names import model_name
from schema.vocabulary.tokens import TokenCounts
from service.contracts.token_event import Count, Identifier, TokenEventIn, TokensIn

SOURCE = "claude-code"
PROVIDER = "anthropic"
# The model of messages that the agent itself wrote, such as "API Error".
SYNTHETIC = "<synthetic>"
DETACHED = "HEAD"
_ESCAPE = re.compile(rb"\\(?:(?P<surrogate>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)


class Skipped(StrEnum):
    """Why a line has no tokens."""

    OTHER = "other"  # prompts, tool results, summaries: their content is not read
    MADE_UP = "made_up"  # written by the agent, not by a model
    BROKEN = "broken"  # an incomplete line, or an unknown format


class _Usage(Struct):
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None


class _Message(Struct):
    id: str = ""
    model: str = ""
    usage: _Usage | None = None


class _Line(Struct, rename="camel"):
    type: str | None = None
    message: Raw = field(default_factory=Raw)
    is_api_error_message: bool | None = None


class _Context(Struct, rename="camel"):
    timestamp: Annotated[datetime, Meta(tz=True)]
    cwd: str | None = None
    git_branch: Annotated[str, Meta(max_length=1000)] | None = None
    session_id: Identifier | None = None


class Answer(Struct, frozen=True):
    """Tokens of one model answer. `message` is a digest of its id; `folder` is only used here and never sent."""

    message: bytes
    occurred_at: datetime
    model: str
    tokens: TokenCounts
    session: str | None
    branch: str | None
    folder: str | None


_lines = msgspec.json.Decoder(_Line)
_contexts = msgspec.json.Decoder(_Context)
_messages = msgspec.json.Decoder(_Message)


def parse_line(line: bytes) -> Answer | Skipped:
    """Read one line of a transcript: return its answer, or why it has none."""
    if not line.strip():
        return Skipped.OTHER
    try:
        return _read(line)
    except (msgspec.DecodeError, UnicodeError):
        repaired = _without_half_characters(line)
    try:
        return Skipped.BROKEN if repaired == line else _read(repaired)
    except (msgspec.DecodeError, UnicodeError):
        return Skipped.BROKEN


def token_event(answer: Answer, repository: str | None, team: str | None) -> TokenEventIn:
    """Convert an answer to the API's token event; `repository` is host/owner/name."""
    model = model_name(answer.model)
    tokens = answer.tokens
    return TokenEventIn(
        event_id=answer.message.hex(),
        occurred_at=answer.occurred_at,
        source=SOURCE,
        provider=model.provider or PROVIDER,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**tokens._asdict()),
        session=answer.session,
        team=team,
        repository=repository,
        branch=answer.branch,
    )


def _read(line: bytes) -> Answer | Skipped:
    envelope = _lines.decode(line)
    if envelope.type != "assistant" or not envelope.message:
        return Skipped.OTHER
    message = _messages.decode(envelope.message)
    if envelope.is_api_error_message or message.model == SYNTHETIC:
        return Skipped.MADE_UP
    return _answer(message, line)


def _without_half_characters(line: bytes) -> bytes:
    """Replace lone surrogates: agents cut long texts even inside an emoji, which is not valid JSON."""
    return _ESCAPE.sub(lambda escape: b"?" if escape["surrogate"] else escape[0], line)


def _answer(message: _Message, line: bytes) -> Answer | Skipped:
    tokens = _tokens(message.usage)
    if not tokens.total:
        return Skipped.OTHER
    if not message.id:
        return Skipped.BROKEN
    context = _contexts.decode(line)
    return Answer(
        message=hashlib.sha256(f"{SOURCE}/{message.id}".encode()).digest(),
        occurred_at=context.timestamp,
        model=message.model,
        tokens=tokens,
        session=context.session_id or None,
        branch=None if context.git_branch in {None, "", DETACHED} else context.git_branch,
        folder=context.cwd or None,
    )


def _tokens(usage: _Usage | None) -> TokenCounts:
    """Return token counts. Input excludes the cache; output includes thinking, so all of it counts as visible."""
    if usage is None:
        return TokenCounts()
    return TokenCounts(
        input_uncached=usage.input_tokens or 0,
        cache_read=usage.cache_read_input_tokens or 0,
        cache_write=usage.cache_creation_input_tokens or 0,
        output_visible=usage.output_tokens or 0,
    )
