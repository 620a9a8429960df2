"""Amazon Bedrock's model invocation log: one request per line.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. A line is a JSON object with
`schemaType` `ModelInvocationLog`; lines exported from CloudWatch Logs start with a time. `inputTokenCount` excludes
cache reads and writes, which have their own fields; reasoning is not separate from output. The identity's ARN, the
account and the bodies (prompts and answers) are never read. Separate files that hold bodies are other JSON and skipped.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from schema.vocabulary.tokens import TokenCounts
from service.contracts.token_event import Count
from service.imports.requests import Request

SOURCE = "bedrock"
PROVIDER = "aws"
LOG = "ModelInvocationLog"


class Skipped(StrEnum):
    """Why a line has no tokens."""

    OTHER = "other"  # not the record of a request, such as a body in a separate file
    WITHOUT_TOKENS = "without_tokens"  # refused, failed or an image request
    BROKEN = "broken"  # an incomplete line, or not JSON


class UnusableLineError(ValueError):
    """A request has an invalid count, time or id. The text names the field and never its value."""


class _Kind(Struct, rename="camel"):
    schema_type: str = ""


class _Input(Struct, rename="camel"):
    input_token_count: Count = 0
    cache_read_input_token_count: Count = 0
    cache_write_input_token_count: Count = 0


class _Output(Struct, rename="camel"):
    output_token_count: Count = 0


class _Log(Struct, rename="camel"):
    timestamp: Annotated[datetime, Meta(tz=True)]
    request_id: Annotated[str, Meta(min_length=1, max_length=200)]
    model_id: Annotated[str, Meta(min_length=1, max_length=2_048)]
    input: _Input = field(default_factory=_Input)
    output: _Output = field(default_factory=_Output)
    request_metadata: dict[str, str] = field(default_factory=dict)


_kinds = msgspec.json.Decoder(_Kind)
_logs = msgspec.json.Decoder(_Log)


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
        return _request(_logs.decode(line[start:]), team_key)
    except msgspec.ValidationError as error:
        # Such as "Expected `int` >= 0 - at `$.input.inputTokenCount`". Keep the field name and drop the rest.
        raise UnusableLineError(str(error).rpartition(" - at `$.")[2].rstrip("`") or "record") from None


def _request(log: _Log, team_key: str | None) -> Request | Skipped:
    tokens = TokenCounts(
        input_uncached=log.input.input_token_count,
        cache_read=log.input.cache_read_input_token_count,
        cache_write=log.input.cache_write_input_token_count,
        output_visible=log.output.output_token_count,
    )
    if not tokens.total:
        return Skipped.WITHOUT_TOKENS
    team = log.request_metadata.get(team_key) if team_key else None
    return Request(log.request_id, log.timestamp, log.model_id, PROVIDER, tokens, team[:200] if team else None)
