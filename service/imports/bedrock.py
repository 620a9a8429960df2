"""Amazon Bedrock's model invocation log: one request per line.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. A line is a JSON object with
`schemaType` `ModelInvocationLog`; lines exported from CloudWatch Logs start with a time. `inputTokenCount` excludes
cache reads and writes, which have their own fields; reasoning is not separate from output. A line without `requestId`
counts by its content. The identity's ARN, the account and prompts are never read, and of answers only what decides the
price: the service tier and how long what was written to the cache lives. Separate files that hold bodies are other
JSON and skipped.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from service.contracts.token_event import Count
from service.imports.bedrock_bodies import read_extras
from service.imports.requests import Request, is_plausible, plain_text
from vocabulary.tokens import TokenCounts

SOURCE = "bedrock"
PROVIDER = "aws"
LOG = "ModelInvocationLog"
LONGEST_TEXT = 2_048
# Of a text like "Expected `int` >= 0 - at `$.input.inputTokenCount`" or "Object missing required field `timestamp`".
FIELD = re.compile(r"(?:at `\$\.|required field `)([a-zA-Z0-9_.]+)`")


class Skipped(StrEnum):
    """Why a line has no tokens."""

    OTHER = "other"  # not the record of a request, such as a body in a separate file
    WITHOUT_TOKENS = "without_tokens"  # refused, failed or an image request
    BROKEN = "broken"  # an incomplete line, or not JSON


class UnusableLineError(ValueError):
    """A request has an invalid count or time. The text names the field and never its value."""


class _Kind(Struct, rename="camel"):
    schema_type: Any = None


class _Input(Struct, rename="camel"):
    input_token_count: Count | None = None
    cache_read_input_token_count: Count | None = None
    cache_write_input_token_count: Count | None = None
    cache_details: Raw = field(default_factory=Raw)


class _Output(Struct, rename="camel"):
    output_token_count: Count | None = None
    output_body_json: Raw = field(default_factory=Raw)


class _Log(Struct, rename="camel"):
    timestamp: datetime
    request_id: Any = None
    model_id: Any = None
    input: _Input | None = None
    output: _Output | None = None
    request_metadata: Any = None
    service_tier: Any = None


_kinds = msgspec.json.Decoder(_Kind)
# Not strict: some pipelines write counts as text.
_logs = msgspec.json.Decoder(_Log, strict=False)


def parse_line(line: bytes, team_key: str | None = None) -> Request | Skipped:
    """Read one line: return its request, or why it has none. Raises UnusableLineError.

    `team_key` is the key in the request's metadata that names the team.
    """
    start = line.find(b"{")
    if start < 0:
        return Skipped.BROKEN if line.strip() else Skipped.OTHER
    try:
        if _kinds.decode(line[start:]).schema_type != LOG:
            return Skipped.OTHER
    except msgspec.ValidationError:
        return Skipped.OTHER
    except (msgspec.DecodeError, UnicodeError):
        return Skipped.BROKEN
    try:
        return _request(_logs.decode(line[start:].decode(errors="replace")), team_key)
    except msgspec.ValidationError as error:
        field = FIELD.search(str(error))
        raise UnusableLineError(field[1] if field else "record") from None


def _request(log: _Log, team_key: str | None) -> Request | Skipped:
    given, answered = log.input or _Input(), log.output or _Output()
    tokens = TokenCounts(
        input_uncached=given.input_token_count or 0,
        cache_read=given.cache_read_input_token_count or 0,
        cache_write=given.cache_write_input_token_count or 0,
        output_visible=answered.output_token_count or 0,
    )
    if not tokens.total:
        return Skipped.WITHOUT_TOKENS
    try:
        ended_at = log.timestamp.replace(tzinfo=log.timestamp.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise UnusableLineError("timestamp") from None
    if not is_plausible(ended_at):
        raise UnusableLineError("timestamp")
    metadata = log.request_metadata if isinstance(log.request_metadata, dict) else {}
    team = _text(metadata.get(team_key)) if team_key else ""
    model, request_id = _text(log.model_id), _text(log.request_id)
    content = "\0".join((ended_at.isoformat(), model, team, *map(str, tokens)))
    return Request(
        request_id,
        ended_at,
        model,
        PROVIDER,
        tokens,
        team[:200] or None,
        content="" if request_id else content,
        extras=read_extras(answered.output_body_json, given.cache_details, _text(log.service_tier)),
    )


def _text(value: Any) -> str:
    return plain_text(value, LONGEST_TEXT)
