"""From one source's findings to a token event: adds what is read alike whoever sent the record."""

from typing import NamedTuple

from schema.model_names import ModelName
from schema.tokens import TokenCounts
from service.telemetry.otlp.records import Record, Span, TelemetryRecord
from service.telemetry.reading.normalised import Identity, TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import moment_nanoseconds, sensible_milliseconds

# A longer text is no id.
MAXIMUM_ID = 200
NANOSECONDS_A_MILLISECOND = 1_000_000
NO_TOKENS = TokenCounts()
# Marks the identity of a request that failed, whose call may be tried again under the same ids.
FAILED = "failed"
NOT_FAILED: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """How a request went: the provider's own id of it, how long it took, and whether it failed."""

    request: str | None = None
    duration_ms: int | None = None
    failed: bool = False


UNTOLD = Outcome()


def token_event(
    record: Record,
    receipt: Receipt,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    outcome: Outcome = UNTOLD,
) -> TokenEvent:
    """The event of a log record whose source says who, which model and how many. Raises UnusableRecordError.

    `identity` is what tells two requests of one session, model and instant apart.
    """
    return measured_event(
        record,
        receipt,
        source=source,
        identity=(source, *_failed(outcome, tokens), session, moment_nanoseconds(record), model.model, *identity),
        session=session,
        model=model,
        tokens=tokens,
        anonymous=session is None,
        outcome=outcome,
    )


def span_event(
    span: Span,
    receipt: Receipt,
    *,
    source: str,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    call: str | None = None,
    team: str | None = None,
    outcome: Outcome = UNTOLD,
) -> TokenEvent:
    """The event of a span, which is one by its ids, or by the id of the call that it tells of.

    Raises UnusableRecordError.
    """
    unnamed = not call and not span.span_id
    own = (span.trace_id, span.span_id, moment_nanoseconds(span) if unnamed else None)
    by = ("call", call) if call else ("span", *own)
    return measured_event(
        span,
        receipt,
        source=source,
        identity=(source, *_failed(outcome, tokens), *by),
        session=session,
        model=model,
        tokens=tokens,
        team=team,
        anonymous=unnamed,
        outcome=outcome,
    )


def span_outcome(span: Span, request: str | None, *, failed: bool) -> Outcome:
    """How the request of a span went: it took as long as the span."""
    start, end = span.start_time_unix_nano, span.time_unix_nano
    duration = sensible_milliseconds((end - start) / NANOSECONDS_A_MILLISECOND) if start > 0 else None
    return Outcome(request, duration, failed)


def measured_event(
    reported: TelemetryRecord,
    receipt: Receipt,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    anonymous: bool,
    team: str | None = None,
    outcome: Outcome = UNTOLD,
) -> TokenEvent:
    """The event of anything told whose whole identity is given. Raises UnusableRecordError."""
    request, duration_ms, failed = outcome
    work = receipt.work(reported)
    # By place, as it is done for every record: names would cost five times as much.
    return TokenEvent(
        source,
        identity,
        receipt.occurred_at(reported),
        tokens,
        model.provider,
        model.model,
        work.context_tier or model.context_tier,
        work.workflow,
        work.prompt_template,
        team or work.team,
        session,
        work.links,
        anonymous,
        False,  # only bulks are remembered
        request if request and len(request) <= MAXIMUM_ID else None,
        duration_ms,
        failed,
    )


def _failed(outcome: Outcome, tokens: TokenCounts) -> tuple[str, ...]:
    return (FAILED,) if outcome.failed and tokens == NO_TOKENS else NOT_FAILED
