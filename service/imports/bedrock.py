"""Amazon Bedrock's model invocation log: one request, read from one line, and nothing else of it.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. A line is a JSON object with
`schemaType` `ModelInvocationLog`; lines exported from CloudWatch Logs have a time in front. `inputTokenCount` excludes
the cache, whose reads and writes are told beside it; reasoning is not told apart. The identity's ARN, the account and
the bodies, which hold prompts and answers, are never read. Bodies that the log keeps in files of their own beside it
are other JSON, and passed over.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from schema.contracts.token_event import Count
from schema.tokens import TokenCounts
from service.imports.requests import Request

SOURCE = "bedrock"
PROVIDER = "aws"
LOG = "ModelInvocationLog"


class Passed(StrEnum):
    """Why a line gave no tokens."""

    OTHER = "other"  # no record of a request, such as a body kept apart
    WITHOUT_TOKENS = "without_tokens"  # refused or failed, or pictures
    BROKEN = "broken"  # half a line, or no JSON


class UnusableLineError(ValueError):
    """A record of a request whose counts, time or id make no sense; names the field and never its value."""


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


def parse_line(line: bytes, team_key: str | None = None) -> Request | Passed:
    """Read one line: a request, or why there is none in it. Raises UnusableLineError.

    `team_key` is the key of the request's own metadata that names the team.
    """
    begins = line.find(b"{")
    if begins < 0:
        return Passed.BROKEN if line.strip() else Passed.OTHER
    try:
        if _kinds.decode(line[begins:]).schema_type != LOG:
            return Passed.OTHER
    except msgspec.ValidationError:
        return Passed.OTHER
    except (msgspec.DecodeError, UnicodeError):
        return Passed.BROKEN
    try:
        return _request(_logs.decode(line[begins:]), team_key)
    except msgspec.ValidationError as error:
        # "Expected `int` >= 0 - at `$.input.inputTokenCount`": the place is documented, the value is not repeated.
        raise UnusableLineError(str(error).rpartition(" - at `$.")[2].rstrip("`") or "record") from None


def _request(log: _Log, team_key: str | None) -> Request | Passed:
    tokens = TokenCounts(
        input_uncached=log.input.input_token_count,
        cache_read=log.input.cache_read_input_token_count,
        cache_write=log.input.cache_write_input_token_count,
        output_visible=log.output.output_token_count,
    )
    if not tokens.total:
        return Passed.WITHOUT_TOKENS
    team = log.request_metadata.get(team_key) if team_key else None
    return Request(log.request_id, log.timestamp, log.model_id, PROVIDER, tokens, team[:200] if team else None)
