"""Bulks of token events, read into the same normalised events as OTLP."""

from collections.abc import Iterator

from msgspec.structs import astuple

from schema.errors import BadInputError
from schema.identifiers import artifact_bytes
from service.contracts.token_event import EARLIEST, LATEST, TokenEventBatch, TokenEventIn
from service.telemetry.reading.labels import label
from service.telemetry.reading.links import repository_name
from service.telemetry.reading.normalised import IMPORT, Dropped, LeftOut, Links, Readings, TokenEvent
from vocabulary.model_names import model_name
from vocabulary.service_tiers import service_tier
from vocabulary.session_evidence import EvidenceSource
from vocabulary.tokens import TokenCounts

# One namespace for the whole API: an event_id counts once, whatever its source.
API = "api"


# Items that are read before others get their turn.
PART = 1_000


def read_bulk(batch: TokenEventBatch) -> Iterator[Readings]:
    """Yield the events of a bulk in parts. Raises BadInputError, which names item and field but never the value."""
    for begin in range(0, len(batch.items), PART):
        items = batch.items[begin : begin + PART]
        yield Readings(events=[_event(index, item) for index, item in enumerate(items, begin)])
    yield Readings(
        left_out=[LeftOut(row.record_id, Dropped(row.source, IMPORT, row.reason), row.tokens) for row in batch.left_out]
    )


def _event(index: int, item: TokenEventIn) -> TokenEvent:
    repository = repository_name(item.repository)
    if item.repository is not None and repository is None:
        raise BadInputError("must be a repository as host/owner/name", field=f"items[{index}].repository")
    if not EARLIEST <= item.occurred_at < LATEST:
        raise BadInputError("must be between the years 2000 and 2100", field=f"items[{index}].occurred_at")
    model = model_name(item.model, item.provider)
    begins = item.start_branch is not None and item.branch is None
    return TokenEvent(
        source=item.source,
        identity=(API, item.event_id),
        remembered=True,
        occurred_at=item.occurred_at,
        tokens=TokenCounts(*astuple(item.tokens)[: len(TokenCounts._fields)]),
        cache_write_1h=item.tokens.cache_write_1h,
        service_tier=service_tier(item.service_tier),
        web_searches=item.web_searches,
        code_executions=item.code_executions,
        guardrail=item.guardrail,
        provider=model.provider,
        model=model.model,
        context_tier=label(item.context_tier) or model.context_tier,
        workflow=label(item.workflow),
        prompt_template=label(item.prompt_template),
        team=item.team,
        session=item.session,
        request=item.request_id,
        duration_ms=item.duration_ms,
        failed=item.failed,
        links=Links(
            artifact=artifact_bytes(item.artifact_id) if item.artifact_id else None,
            number=item.number,
            commit=item.commit.lower() if item.commit else None,
            branch=item.start_branch if begins and item.session is None else item.branch,
            repository=repository,
        ),
        began=Links(branch=item.start_branch, repository=repository) if begins and item.session is not None else None,
        began_source=EvidenceSource.TRANSCRIPT,
    )
