"""`python -m tests.benchmarks.layers`: cost of folding requests that an agent and a gateway both report."""

import hashlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import asyncpg
import click
import uvloop

from schema.database import Database
from schema.key_ring import KeyRing
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from service.http.event_packing import EventRow, LinkHashes
from service.telemetry.hashing.rows import IntakeRows
from service.telemetry.store.rows import save
from tests.harness.organization import make_organization
from tests.harness.servers import TEMPLATE, postgres, redis_server, url_of
from tests.harness.settings import make_settings
from vocabulary.tokens import TokenCounts
from workers.context import WorkerContext
from workers.jobs.fold_token_events import fold_token_events

MASTER_SECRET = "a secret of the benchmark, long enough to be one"
NO_LINKS = LinkHashes(None, None, None, None, None)
SESSIONS = 200


@dataclass(frozen=True, slots=True)
class Folded:
    """Seconds to fold events, and how many were superseded."""

    events: int
    superseded: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return events per second."""
        return self.events / self.seconds


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--requests", default=30_000, show_default=True, help="Model requests in ten minutes.")
@click.option("--rounds", default=3, show_default=True, help="Repetitions; the median counts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def main(requests: int, rounds: int, as_json: bool) -> None:
    """Fold equally many events of one layer, and of two layers that report the same requests."""
    measured = measure(requests, rounds)
    ratio = median(both.rate / alone.rate for alone, both in measured)
    if as_json:
        shown = [{"alone": asdict(alone), "both": asdict(both)} for alone, both in measured]
        click.echo(json.dumps({"rounds": shown, "ratio": ratio}))
        return
    for pair in measured:
        for name, folded in zip(("one layer", "two layers"), pair, strict=True):
            click.echo(
                f"{name}: {folded.events:,} events, {folded.superseded:,} superseded, {folded.seconds:.2f} s, "
                f"{folded.rate:,.0f} events/s"
            )
    click.echo(f"two layers to one: {ratio:.2f}")


def measure(requests: int, rounds: int) -> list[tuple[Folded, Folded]]:
    """Measure one layer with twice the requests, then two layers, and that several times."""
    with postgres() as socket_folder, redis_server() as redis_url:
        return uvloop.run(_measure(socket_folder, redis_url, requests, rounds))


async def _measure(socket_folder: str, redis_url: str, requests: int, rounds: int) -> list[tuple[Folded, Folded]]:
    administration = await asyncpg.connect(url_of(socket_folder, "postgres", "postgres"))
    await administration.execute(f"CREATE DATABASE layers TEMPLATE {TEMPLATE} OWNER shipledger")
    await administration.close()
    settings = make_settings(
        database_url=url_of(socket_folder, "layers"), redis_url=redis_url, secret_key=MASTER_SECRET
    )
    database, queue = Database(settings.database_url), Queue(redis_url)
    await database.open()
    context = WorkerContext(settings, database, queue, OrganizationKeys(database, KeyRing.of(MASTER_SECRET)))
    try:
        measured = [await _round(context, requests, number) for number in range(rounds)]
    finally:
        await queue.close()
        await database.close()
    assert all((alone.superseded, both.superseded) == (0, requests) for alone, both in measured)
    return measured


async def _round(context: WorkerContext, requests: int, number: int) -> tuple[Folded, Folded]:
    alone = await _fold(context, f"one {number}", list(_events(2 * requests, through_gateway=False)))
    return alone, await _fold(context, f"two {number}", list(_events(requests, through_gateway=True)))


async def _fold(context: WorkerContext, name: str, events: list[EventRow]) -> Folded:
    organization = await make_organization(context.database, MASTER_SECRET, name)
    organization_id = organization.organization_id
    bodies = [IntakeRows(events=events[start : start + 1000]) for start in range(0, len(events), 1000)]
    for body in bodies:
        await save(context.database, organization_id, [body], 100)
    began = time.perf_counter()
    await fold_token_events(context, organization_id)
    seconds = time.perf_counter() - began
    async with context.database.organization(organization_id) as tenant:
        counted = await tenant.fetchval("SELECT sum(requests)::bigint FROM token_window WHERE organization_id = $1")
    return Folded(len(events), len(events) - counted, seconds)


def _events(requests: int, *, through_gateway: bool) -> Iterator[EventRow]:
    """Yield events in order of time; the gateway reports each slightly later, and splits its input differently."""
    chance = random.Random(1)
    begins = datetime.now(UTC) - timedelta(hours=1)
    for number in range(requests):
        at = begins + timedelta(seconds=600 * number / requests)
        fresh, read, output = chance.randrange(1, 4_000), chance.randrange(15_000, 160_000), chance.randrange(1, 2_000)
        session = _name(f"session {number % SESSIONS}")
        yield _event(f"agent {number}", at, "claude-code", session, TokenCounts(fresh, read, 0, output, 0))
        if through_gateway:
            tokens = TokenCounts(fresh + read, 0, 0, output, 0)
            yield _event(f"gateway {number}", at + timedelta(seconds=chance.random()), "litellm", None, tokens)


def _event(name: str, at: datetime, source: str, session: bytes | None, tokens: TokenCounts) -> EventRow:
    return EventRow(
        event_id=_name(name),
        occurred_at=at,
        team=None,
        source=source,
        provider="anthropic",
        model="claude-sonnet-4-5",
        workflow="",
        prompt_template="",
        context_tier="",
        session=session,
        links=NO_LINKS,
        tokens=tokens,
        remembered=False,
    )


def _name(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


if __name__ == "__main__":
    main()
