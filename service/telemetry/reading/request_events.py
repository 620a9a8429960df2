"""Token events from what a source found, completed with what is read the same way for every source."""

from typing import NamedTuple

from service.telemetry.otlp.records import Record, Span, TelemetryRecord
from service.telemetry.reading.normalised import Identity, TokenEvent
from service.telemetry.reading.receipt import Receipt
from service.telemetry.reading.values import moment_nanoseconds, sensible_milliseconds
from vocabulary.model_names import ModelName
from vocabulary.tokens import TokenCounts

# A longer text cannot be an id.
MAXIMUM_ID = 200
NANOSECONDS_A_MILLISECOND = 1_000_000
NO_TOKENS = TokenCounts()
# Marks the identity of a failed request: a retry may use the same ids.
FAILED = "failed"
NOT_FAILED: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """The provider's id of a request, how long it took, and whether it failed."""

    request: str | None = None
    duration_ms: int | None = None
    failed: bool = False


class Charges(NamedTuple):
    """What decides the price beside model and tokens: see TokenEvent."""

    cache_write_1h: int = 0
    service_tier: str = ""
    web_searches: int = 0
    code_executions: int = 0


NO_OUTCOME = Outcome()
NO_CHARGES = Charges()


def token_event(
    record: Record,
    receipt: Receipt,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    outcome: Outcome = NO_OUTCOME,
    charges: Charges = NO_CHARGES,
    service: tuple[str, ...] = (),
) -> TokenEvent:
    """Return the event of a log record. Raises UnusableRecordError.

    `identity` distinguishes requests of the same session, model and instant.
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
        charges=charges,
        service=service,
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
    outcome: Outcome = NO_OUTCOME,
    charges: Charges = NO_CHARGES,
) -> TokenEvent:
    """Return the event of a span, identified by `call` if there is one, else by its ids. Raises UnusableRecordError."""
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
        charges=charges,
    )


def span_outcome(span: Span, request: str | None, *, failed: bool) -> Outcome:
    """Return the outcome of a span's request, which took as long as the span."""
    start, end = span.start_time_unix_nano, span.time_unix_nano
    duration = sensible_milliseconds((end - start) / NANOSECONDS_A_MILLISECOND) if start > 0 else None
    return Outcome(request, duration, failed)


def measured_event(
    record: TelemetryRecord,
    receipt: Receipt,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    anonymous: bool,
    team: str | None = None,
    outcome: Outcome = NO_OUTCOME,
    charges: Charges = NO_CHARGES,
    service: tuple[str, ...] = (),
) -> TokenEvent:
    """Return the event of a record, span or data point with a complete identity. Raises UnusableRecordError."""
    request, duration_ms, failed = outcome
    work = receipt.work(record)
    # Positional, because this runs for every record: keyword arguments are five times slower.
    an_hour, tier, searches, executions = charges
    return TokenEvent(
        source,
        identity,
        receipt.occurred_at(record),
        tokens,
        model.provider,
        model.model,
        work.context_tier or model.context_tier,
        work.workflow,
        work.prompt_template,
        team or work.team,
        session,
        work.whole if session is None else work.links,
        anonymous,
        False,  # remembered: only for bulks
        request if request and len(request) <= MAXIMUM_ID else None,
        duration_ms,
        failed,
        an_hour,
        tier,
        searches,
        executions,
        service,
        work.guardrail,
        None if session is None else work.began,
    )


def _failed(outcome: Outcome, tokens: TokenCounts) -> tuple[str, ...]:
    return (FAILED,) if outcome.failed and tokens == NO_TOKENS else NOT_FAILED
