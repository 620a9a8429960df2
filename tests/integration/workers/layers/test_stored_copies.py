"""What the database holds in the end, in any order of arrival, equals the pure pairing of all reports."""

import hashlib
import random
from datetime import UTC, datetime, timedelta

import pytest

from schema.database import Database
from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.store.rows import save
from tests.harness.organization import Organization
from vocabulary.layers import LayerPolicy
from vocabulary.tokens import TokenCounts
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events
from workers.layers.copies import find_copies
from workers.layers.reports import RequestReport

POLICY = LayerPolicy()
SOURCES = ("claude-code", "litellm", "copilot", "anthropic")
MODELS = (*["claude-sonnet-4-5"] * 5, "anthropic/claude-sonnet-4-5-20250929", "our-best", "gpt-5.1")


def name_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def random_events(chance: random.Random) -> list[EventRow]:
    """Requests as several sources report them, in hours of their own; few different counts, so that many compete."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=22)
    return [
        EventRow(
            event_id=name_of(f"{hour}/{number}/{source}"),
            occurred_at=begins + timedelta(hours=hour, seconds=at + chance.randrange(12)),
            team=None,
            source=source,
            provider="anthropic",
            model=chance.choice(MODELS),
            workflow="",
            prompt_template="",
            context_tier="",
            session=chance.choice([None, name_of(f"session {hour}")]),
            links=LinkHashes(None, None, None, None, None),
            tokens=TokenCounts(*chance.choice([counts, counts, (chance.choice([0, 7_000]), 0, 0, 42)]), 0),
            remembered=False,
            request=chance.choice([None, None, name_of(f"{hour}/{number}")]),
        )
        for hour in range(20)
        for number in range(chance.randrange(1, 5))
        for at in [chance.randrange(240)]
        for counts in [(chance.choice([0, 300, 5_000, 6_000]), 0, 0, chance.choice([0, 42, 43]))]
        for source in chance.sample(SOURCES, chance.choice([1, 2, 2, 2, 3]))
    ]


def reported(event: EventRow) -> RequestReport:
    tokens = event.tokens
    return RequestReport(
        event_id=event.event_id,
        layer=POLICY.layer_of(event.source),
        occurred_at=event.occurred_at,
        model=event.model,
        input=tokens.input_uncached,
        output=tokens.output_visible,
        request=event.request,
        group=POLICY.group_of(event.source),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_superseded_events_are_the_copies_that_pure_pairing_finds(
    database: Database, organization: Organization, worker_context: WorkerContext, seed: int
) -> None:
    chance = random.Random(seed)
    events = random_events(chance)
    arriving = list(events)
    chance.shuffle(arriving)
    while arriving:
        size = chance.randrange(1, 20)
        body, arriving = arriving[:size], arriving[size:]
        await save(database, organization.organization_id, [IntakeRows(events=body)], 100)
        if chance.random() < [0.0, 0.2, 0.5, 1.0][seed]:
            await fold_token_events(worker_context, organization.organization_id)
    await fold_token_events(worker_context, organization.organization_id)
    async with database.organization(organization.organization_id) as tenant:
        kept = await tenant.fetch("SELECT event_id, counted_id FROM superseded_event WHERE organization_id = $1")
        totals = await tenant.fetchrow(
            "SELECT sum(requests)::bigint AS requests, sum(input_uncached)::bigint AS input"
            "  FROM superseded_total WHERE organization_id = $1"
        )
        counted = await tenant.fetchrow(
            "SELECT sum(requests)::bigint AS requests, sum(input_uncached)::bigint AS input"
            "  FROM token_window WHERE organization_id = $1"
        )
    copies = find_copies(map(reported, events), POLICY.order)
    assert {row["event_id"]: row["counted_id"] for row in kept} == copies
    assert len(copies) > 10
    superseded = sum(event.tokens.input_uncached for event in events if event.event_id in copies)
    assert dict(totals) == {"requests": len(copies), "input": superseded}
    whole = sum(event.tokens.input_uncached for event in events)
    assert dict(counted) == {"requests": len(events) - len(copies), "input": whole - superseded}
