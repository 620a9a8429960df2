"""Claude Code's local transcripts: the tokens of one model response per record.

A record is a JSON object, usually a line. Only records of `type` `assistant` with a `message.usage` have tokens. A
streamed response is written as several records with one message id and growing output, and resumed or forked sessions
copy records into other files. So each message id counts once, with its largest counts.
"""

import hashlib
import json
import re
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from service.contracts.token_event import TokenEventIn, TokensIn
from service.imports.transcripts.times import instant
from service.imports.transcripts.usage import NOTHING, Cleaned, Inference, Usage, inferences, pieces, tier
from vocabulary.model_names import model_name
from vocabulary.tokens import TokenCounts

SOURCE = "claude-code"
PROVIDER = "anthropic"
# The model of messages that the agent itself wrote, such as "API Error".
SYNTHETIC = "<synthetic>"
DETACHED = "HEAD"
MAXIMUM_IDENTIFIER, MAXIMUM_BRANCH = 200, 1000

_VISIBLE = re.compile(
    rb'"(input_tokens|output_tokens|cache_read_input_tokens|cache_creation_input_tokens)"\s*:\s*"?(\d{1,12})'
)


class Skipped(StrEnum):
    """Why a whole record has no tokens."""

    OTHER = "other"  # prompts, tool results, summaries: their content is not read
    MADE_UP = "made_up"  # written by the agent, not by a model


class Reason(StrEnum):
    """Why a record was left out, or a part of it."""

    INCOMPLETE = "an incomplete or broken record"
    TIME = "a record without a usable time"
    ID = "a record without the id of a message or request"
    UNREADABLE = "a file that could not be opened"
    COUNT = "a count that is not a number from 0 on; the other counts of the record count"


class Problem(Struct, frozen=True, array_like=True):
    """A record or a part of it that was left out, and how many tokens it held where that can be seen."""

    reason: Reason
    tokens: int = 0


class Answer(Struct, frozen=True, array_like=True, gc=False):
    """Tokens of one model response. `message` is a digest of its id; `folder` is only used here and never sent.

    `further` are inferences of other models within the response. `flawed`: a count could not be read. `repository` and
    `number` name the pull request that the session opened right after, on `branch_then`.
    """

    message: bytes
    occurred_at: datetime
    model: str
    tokens: TokenCounts
    session: str | None
    branch: str | None
    folder: str | None
    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0
    request: str | None = None
    further: tuple[Inference, ...] = ()
    flawed: bool = False
    repository: str | None = None
    number: int | None = None
    # Where the session was when it opened the pull request; `branch` is where it began.
    branch_then: str | None = None

    @property
    def total(self) -> int:
        """All tokens, those of further inferences included."""
        return self.tokens.total + sum(part.tokens.total for part in self.further)


class InProgress(Struct, frozen=True):
    """A sub-agent's response in a `progress` record, which repeats what the sub-agent's own transcript holds."""

    message: bytes
    tokens: int


class Message(Struct, gc=False):
    """What is read of a response."""

    id: str | None = None
    model: str | None = None
    usage: Usage | None = None


class _Nested(Struct, gc=False):
    type: str | None = None
    message: Message | None = None


class _Data(Struct, gc=False):
    message: _Nested | None = None


class Record(Struct, rename="camel", gc=False):
    """What is read of a record."""

    type: str | None = None
    message: Message | None = None
    timestamp: datetime | None = None
    cwd: str | None = None
    git_branch: str | None = None
    session_id: str | None = None
    request_id: str | None = None
    uuid: str | None = None
    is_api_error_message: bool | None = None
    data: _Data | None = None


UNREADABLE = (msgspec.DecodeError, UnicodeError)
decode_record = msgspec.json.Decoder(Record).decode


def parse_record(raw: bytes) -> Answer | InProgress | Problem | Skipped:
    """Read one record of a transcript: return its answer, or why it has none."""
    try:
        record = decode_record(raw)
    except UNREADABLE:
        return read_odd_record(raw)
    return read_record(record)


def visible_tokens(raw: bytes) -> int:
    """Return the tokens of the last usage that can be seen in a broken record."""
    usage = raw[raw.rfind(b'"usage"') :] if b'"usage"' in raw else b""
    found: dict[bytes, int] = {}
    for name, digits in _VISIBLE.findall(usage):
        found.setdefault(name, int(digits))
    return sum(found.values())


def token_events(answer: Answer, repository: str | None, team: str | None) -> list[TokenEventIn]:
    """Convert an answer to the API's token events, its own first; `repository` is host/owner/name."""
    own = Inference(answer.model, answer.tokens, answer.cache_write_1h)
    parts = [(answer.message, own), *((_part(answer.message, n), part) for n, part in enumerate(answer.further))]
    return [
        _token_event(answer, message, inference, answer.repository or repository, team) for message, inference in parts
    ]


def _token_event(
    answer: Answer, message: bytes, inference: Inference, repository: str | None, team: str | None
) -> TokenEventIn:
    model, is_own = model_name(inference.model), message is answer.message
    return TokenEventIn(
        event_id=message.hex(),
        occurred_at=answer.occurred_at,
        source=SOURCE,
        provider=model.provider or PROVIDER,
        model=model.model,
        context_tier=model.context_tier,
        tokens=TokensIn(**inference.tokens._asdict(), cache_write_1h=inference.cache_write_1h),
        session=answer.session,
        team=team,
        repository=repository,
        branch=answer.branch_then,
        start_branch=answer.branch,
        number=answer.number,
        # Other reports of the request do not include its further inferences.
        request_id=answer.request if is_own else None,
        service_tier=answer.service_tier,
        web_searches=answer.web_searches if is_own else 0,
        code_executions=answer.code_executions if is_own else 0,
    )


def _part(message: bytes, place: int) -> bytes:
    return hashlib.sha256(b"%b/%d" % (message, place)).digest()


def read_record(record: Record, *, flawed: bool = False) -> Answer | InProgress | Problem | Skipped:
    """Return the answer of a record, or why it has none; `flawed` if a count could not be read."""
    message = record.message
    if record.type != "assistant" or message is None:
        return _in_progress(record) or Skipped.OTHER
    if record.is_api_error_message or message.model == SYNTHETIC:
        return Skipped.MADE_UP
    own, further = inferences(message.model or "", message.usage) if message.usage else (NOTHING, ())
    total = own.tokens.total + sum(part.tokens.total for part in further)
    if not total or message.usage is None:
        return Problem(Reason.COUNT) if flawed else Skipped.OTHER
    identity = message.id or (f"request/{record.request_id}" if record.request_id else None)
    identity = identity or (f"record/{record.uuid}" if record.uuid else None)
    if identity is None:
        return Problem(Reason.ID, total)
    if record.timestamp is None or (occurred_at := instant(record.timestamp)) is None:
        return Problem(Reason.TIME, total)
    searches, executions = pieces(message.usage)
    return Answer(
        message=message_digest(identity),
        occurred_at=occurred_at,
        model=own.model,
        tokens=own.tokens,
        session=_within(record.session_id, MAXIMUM_IDENTIFIER),
        branch=_within(None if record.git_branch == DETACHED else record.git_branch, MAXIMUM_BRANCH),
        folder=record.cwd or None,
        cache_write_1h=own.cache_write_1h,
        service_tier=tier(message.usage),
        web_searches=searches,
        code_executions=executions,
        request=_within(record.request_id, MAXIMUM_IDENTIFIER),
        further=further,
        flawed=flawed,
    )


def _in_progress(record: Record) -> InProgress | None:
    nested = record.data.message if record.type == "progress" and record.data else None
    message = nested.message if nested and nested.type == "assistant" else None
    if message is None or message.usage is None or not message.id or message.model == SYNTHETIC:
        return None
    own, further = inferences(message.model or "", message.usage)
    return InProgress(message_digest(message.id), own.tokens.total + sum(part.tokens.total for part in further))


def read_odd_record(raw: bytes) -> Answer | InProgress | Problem | Skipped:
    """Read a record that is JSON, but not of the usual types; agents also cut texts inside an emoji."""
    try:
        record = json.loads(raw.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return Problem(Reason.INCOMPLETE, visible_tokens(raw)) if raw.strip() else Skipped.OTHER
    if not isinstance(record, dict):
        return Problem(Reason.INCOMPLETE, visible_tokens(raw))
    message, flawed = record.get("message"), False
    if record.get("type") == "assistant" and isinstance(message, dict):
        cleaned = Cleaned(message.get("usage"))
        flawed = cleaned.flawed
        message = Message(_text(message.get("id")), _text(message.get("model")), cleaned.usage)
    else:
        return Skipped.OTHER
    return read_record(
        Record(
            type="assistant",
            message=message,
            timestamp=instant(record.get("timestamp")),
            cwd=_text(record.get("cwd")),
            git_branch=_text(record.get("gitBranch")),
            session_id=_text(record.get("sessionId")),
            request_id=_text(record.get("requestId")),
            uuid=_text(record.get("uuid")),
            is_api_error_message=bool(record.get("isApiErrorMessage")),
        ),
        flawed=flawed,
    )


def message_digest(identity: str) -> bytes:
    """Return the digest by which a message is known."""
    return hashlib.sha256(f"{SOURCE}/{identity}".encode("utf-8", "replace")).digest()


def _within(text: str | None, length: int) -> str | None:
    return text if text and len(text) <= length else None


def _text(value: Any) -> str | None:
    """Return a text without the halves of cut characters, which cannot be sent."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None
