"""From one source's findings to a token event: adds what is read alike whoever sent the record."""

from datetime import datetime

from schema.model_names import ModelName
from schema.tokens import TokenCounts
from service.telemetry import links
from service.telemetry.normalised import Identity, TokenEvent
from service.telemetry.reading import moment_nanoseconds, occurred_at
from service.telemetry.records import Record


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
    """The event of a record whose source says who, which model and how many. Raises UnusableRecordError.

    `identity` is what tells two requests of one session, model and instant apart.
    """
    return TokenEvent(
        source=source,
        identity=(source, session, moment_nanoseconds(record), model.model, *identity),
        occurred_at=occurred_at(record, received_at),
        tokens=tokens,
        provider=model.provider,
        model=model.model,
        context_tier=links.context_tier(record) or model.context_tier,
        workflow=links.workflow(record),
        prompt_template=links.prompt_template(record),
        team=links.team(record),
        session=session,
        links=links.links(record),
        anonymous=session is None,
    )
