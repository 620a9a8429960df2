"""From one source's findings to a token event: adds what is read alike whoever sent the record."""

from datetime import datetime

from schema.model_names import ModelName
from schema.tokens import TokenCounts
from service.telemetry import links
from service.telemetry.normalised import Identity, TokenEvent
from service.telemetry.reading import moment_nanoseconds, occurred_at
from service.telemetry.records import Record, Span, Told


def token_event(
    record: Record,
    received_at: datetime,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
) -> TokenEvent:
    """The event of a log record whose source says who, which model and how many. Raises UnusableRecordError.

    `identity` is what tells two requests of one session, model and instant apart.
    """
    return measured_event(
        record,
        received_at,
        source=source,
        identity=(source, session, moment_nanoseconds(record), model.model, *identity),
        session=session,
        model=model,
        tokens=tokens,
        anonymous=session is None,
    )


def span_event(
    span: Span,
    received_at: datetime,
    *,
    source: str,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    call: str | None = None,
    team: str | None = None,
) -> TokenEvent:
    """The event of a span, which is one by its ids, or by the id of the call that it tells of.

    Raises UnusableRecordError.
    """
    unnamed = not call and not span.span_id
    own = (span.trace_id, span.span_id, moment_nanoseconds(span) if unnamed else None)
    return measured_event(
        span,
        received_at,
        source=source,
        identity=(source, "call", call) if call else (source, "span", *own),
        session=session,
        model=model,
        tokens=tokens,
        team=team,
        anonymous=unnamed,
    )


def measured_event(
    told: Told,
    received_at: datetime,
    *,
    source: str,
    identity: Identity,
    session: str | None,
    model: ModelName,
    tokens: TokenCounts,
    anonymous: bool,
    team: str | None = None,
) -> TokenEvent:
    """The event of anything told whose whole identity is given. Raises UnusableRecordError."""
    return TokenEvent(
        source=source,
        identity=identity,
        occurred_at=occurred_at(told, received_at),
        tokens=tokens,
        provider=model.provider,
        model=model.model,
        context_tier=links.context_tier(told) or model.context_tier,
        workflow=links.workflow(told),
        prompt_template=links.prompt_template(told),
        team=team or links.team(told),
        session=session,
        links=links.links(told),
        anonymous=anonymous,
    )
