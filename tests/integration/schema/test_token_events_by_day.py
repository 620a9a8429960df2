"""Moving token events into partitions by day (revision 0020), of a database that has been counting for a while."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from schema import migrations
from schema.database import Database
from schema.model_names import model_family
from schema.tokens import TOKEN_KINDS, TokenCounts, sum_tokens
from service.queries.ledger import read_ledger
from service.queries.spend import Spend
from tests.conftest import fresh_database
from tests.harness.organization import Organization
from tests.harness.servers import Administration
from workers.attribution.methods import CURRENT
from workers.attribution.model import Evidence
from workers.attribution.windows import Dimensions, Place, window
from workers.context import WorkerContext
from workers.jobs.delete_expired import delete_expired
from workers.prices import list_price

BEFORE = "0019"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=5)
SONNET = Dimensions("claude-code", "anthropic", "claude-sonnet-4-5", "", "", "")
UNLISTED = Dimensions("review-bot", "", "no-such-model", "", "nightly", "v1")
NOTHING = Evidence()
SOME = TokenCounts(1200, 4500, 300, 42, 7)


def hashed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


ONE = Evidence(branch=hashed("one"), repository=hashed("repository"))
COMMIT = Evidence(commit=hashed("commit"), branch=hashed("one"), repository=hashed("repository"))
TWO = Evidence(branch=hashed("two"), repository=hashed("repository"))


@dataclass(frozen=True)
class Event:
    """A token event as it was stored, and the evidence that it counts under; `state` as it was left.

    `before` is the evidence that it counted under then, where that was another.
    """

    name: str
    at: timedelta
    counts_under: Evidence
    own: Evidence = NOTHING
    session: str | None = None
    dimensions: Dimensions = SONNET
    tokens: TokenCounts = SOME
    state: str = "processed"
    before: Evidence | None = None
    is_gone: bool = False
    lag: timedelta = timedelta(seconds=3)

    @property
    def occurred_at(self) -> datetime:
        return NOON + self.at

    @property
    def was_counted(self) -> bool:
        return self.state == "processed" or self.before is not None

    def place(self, team_id: int, *, then: bool) -> Place:
        """The window that it counts in, or counted in then."""
        evidence = self.before if then and self.before is not None else self.counts_under
        return window(team_id, self.hour, self.dimensions, evidence)

    @property
    def price(self) -> int | None:
        _, provider, model, *_ = self.dimensions
        return list_price(self.tokens, provider=provider, model=model, occurred_at=self.occurred_at)

    @property
    def hour(self) -> datetime:
        return self.occurred_at.replace(minute=0, second=0, microsecond=0)


EVENTS = [
    # A session that made a commit at 12:30, seen on a branch only.
    Event("before the commit", timedelta(minutes=10, seconds=7), COMMIT, session="committing"),
    Event("right before it", timedelta(minutes=29), COMMIT, session="committing"),
    Event("after the commit", timedelta(minutes=40), ONE, session="committing"),
    Event("another hour", timedelta(hours=1, minutes=5), ONE, session="committing", state="waiting"),
    # One whose events say themselves where it was.
    Event("named", timedelta(hours=2), TWO, own=TWO, session="naming"),
    Event("named again", timedelta(hours=2, minutes=1), TWO, own=TWO, session="naming"),
    Event("waiting with them", timedelta(hours=2, minutes=2), TWO, own=TWO, session="naming", state="waiting"),
    # Sessions that more was seen of since they were counted, one of them found by then.
    Event("to be moved", timedelta(hours=3), TWO, session="moving", before=NOTHING),
    Event("moving", timedelta(hours=3, minutes=1), TWO, session="moving", before=NOTHING, state="waiting"),
    # Of no session, without a price, on another day, and dead.
    Event("alone", timedelta(days=1), NOTHING),
    Event("unlisted", timedelta(days=1), NOTHING, dimensions=UNLISTED),
    Event("long", timedelta(days=1), NOTHING, tokens=TokenCounts(150_000, 150_000, 0, 100, 0)),
    Event("late", timedelta(minutes=5), NOTHING, lag=timedelta(hours=30)),
    Event("given up", timedelta(days=1, hours=1), NOTHING, state="dead"),
    Event("without tokens", timedelta(days=1, hours=2), NOTHING, tokens=TokenCounts()),
    # Raw no longer: a window of its own, and one that others share.
    Event("gone", timedelta(days=-4), TWO, session="earlier", is_gone=True),
    Event("gone beside", timedelta(hours=2, minutes=3), TWO, session="earlier", is_gone=True),
    Event("gone unlisted", timedelta(days=1), NOTHING, dimensions=UNLISTED, is_gone=True),
]
MARKS = [
    ("seen", "committing", timedelta(minutes=5), ONE, "processed"),
    ("committed", "committing", timedelta(minutes=30), COMMIT, "processed"),
    ("moved", "moving", timedelta(hours=2, minutes=59), TWO, "waiting"),
]


@pytest.fixture
async def database_url(administration: Administration, redis_url: str) -> AsyncIterator[str]:
    """A database of the time before."""
    async with fresh_database(administration, redis_url, "template1") as url:
        await asyncio.to_thread(migrations.upgrade, url, BEFORE)
        yield url


@pytest.fixture
async def counting(database: Database, organization: Organization, other_organization: Organization) -> None:
    """Two organizations, each with the events above in a team of its own, as they were stored and counted then."""
    for each in (organization, other_organization):
        async with database.organization(each.organization_id) as connection:
            await _store(connection, each.organization_id, each.default_team_id)


async def _store(connection: asyncpg.Connection, organization_id: int, team_id: int) -> None:
    for event in EVENTS:
        if not event.is_gone:
            await _insert(connection, "token_event", _raw(organization_id, team_id, event))
    for row in _windows(team_id, then=True):
        await _insert(connection, "token_window", {"organization_id": organization_id, **row})
    await _settle(connection, organization_id, team_id)
    for name, session, at, evidence, state in MARKS:
        mark = {"session": hashed(session), "occurred_at": NOON + at, "received_at": NOON + at, "state": state}
        await _insert(
            connection,
            "session_evidence",
            {"organization_id": organization_id, "evidence_id": hashed(name), **mark, **evidence._asdict()},
        )
    for day in {event.occurred_at.date() for event in EVENTS}:
        told = [event.tokens for event in EVENTS if event.occurred_at.date() == day]
        kinds = sum_tokens(told)._asdict()
        total = {"organization_id": organization_id, "team_id": team_id, "day": day, "requests": len(told), **kinds}
        await _insert(connection, "intake_total", total)


async def _settle(connection: asyncpg.Connection, organization_id: int, team_id: int) -> None:
    """What was counted on each day, as a ledger of overhead."""
    windows = _windows(team_id, then=True)
    for day in {row["hour"].date() for row in windows}:
        key = {"organization_id": organization_id, "team_id": team_id, "day": day}
        settled = [row for row in windows if row["hour"].date() == day]
        await _insert(connection, "settlement", {**key, "state": "processed", **_amounts(settled)})
        overhead = {"artifact_id": b"", "evidence": "overhead", "method": CURRENT.name}
        for row in settled:
            place = {"hour": row["hour"], "window_id": row["window_id"]}
            await _insert(connection, "attribution", {**key, **place, **overhead, **_amounts([row])})
        for dimensions in {(row["model"], row["workflow"]) for row in settled}:
            model, workflow = dimensions
            alike = [row for row in settled if (row["model"], row["workflow"]) == dimensions]
            rollup = {**key, **overhead, "model": model, "workflow": workflow, **_amounts(alike)}
            await _insert(connection, "attribution_rollup", rollup)


def _amounts(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in ("cost_nano_usd", *TOKEN_KINDS)}


def _raw(organization_id: int, team_id: int, event: Event) -> dict[str, Any]:
    return {
        "organization_id": organization_id,
        "event_id": hashed(event.name),
        "received_at": event.occurred_at + event.lag,
        "occurred_at": event.occurred_at,
        "team_id": team_id,
        "session": hashed(event.session) if event.session else None,
        "state": event.state,
        "window_id": event.place(team_id, then=True).window_id if event.was_counted else None,
        "cost_nano_usd": (event.price or 0) if event.was_counted else 0,
        **event.dimensions._asdict(),
        **event.own._asdict(),
        **event.tokens._asdict(),
    }


def _windows(team_id: int, *, then: bool) -> list[dict[str, Any]]:
    """The windows of those events that were counted then, or of all."""
    windows: dict[bytes, dict[str, Any]] = {}
    for event in EVENTS:
        if then and not event.was_counted:
            continue
        place = event.place(team_id, then=then)
        row = windows.setdefault(
            place.window_id,
            {
                "team_id": team_id,
                "hour": event.hour,
                "window_id": place.window_id,
                **event.dimensions._asdict(),
                "model_family": model_family(event.dimensions.model),
                **place.evidence._asdict(),
                **dict.fromkeys(("requests", "cost_nano_usd", "unpriced_tokens", *TOKEN_KINDS), 0),
            },
        )
        row["requests"] += 1
        row["cost_nano_usd"] += event.price or 0
        row["unpriced_tokens"] += event.tokens.total if event.price is None else 0
        for kind, tokens in event.tokens._asdict().items():
            row[kind] += tokens
    return sorted(windows.values(), key=lambda row: row["window_id"])


async def _insert(connection: asyncpg.Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def _read_windows(database: Database, organization: Organization) -> list[dict[str, Any]]:
    names = ", ".join(_windows(0, then=False)[0])
    async with database.organization(organization.organization_id) as connection:
        rows = await connection.fetch(f"SELECT {names} FROM token_window ORDER BY window_id")
    return [dict(row) for row in rows]


@pytest.mark.usefixtures("counting")
async def test_what_counted_counts_the_same_and_what_waited_is_counted_too(
    database_url: str,
    database: Database,
    organization: Organization,
    other_organization: Organization,
    drain: Callable[[], Awaitable[None]],
) -> None:
    assert await _read_windows(database, organization) == _windows(organization.default_team_id, then=True)
    await asyncio.to_thread(migrations.upgrade, database_url)
    received = sum(event.tokens.total for event in EVENTS)
    for each in (organization, other_organization):
        async with database.organization(each.organization_id) as connection:
            ledger = await read_ledger(connection, each.organization_id)
        assert (ledger.received.tokens.total, ledger.difference) == (received, Spend())
    await drain()
    for each in (organization, other_organization):
        assert await _read_windows(database, each) == _windows(each.default_team_id, then=False)
        async with database.organization(each.organization_id) as connection:
            ledger = await read_ledger(connection, each.organization_id)
            waiting = await connection.fetchval("SELECT count(*) FROM intake_batch WHERE state <> 'processed'")
        assert (ledger.received.tokens.total, ledger.pending.tokens.total, waiting) == (received, 0, 0)
        assert ledger.difference == Spend()


@pytest.mark.usefixtures("counting")
async def test_what_was_moved_is_forgotten_once_windows_were_compared_with_it(
    database_url: str,
    database: Database,
    organization: Organization,
    drain: Callable[[], Awaitable[None]],
    worker_context: WorkerContext,
) -> None:
    await asyncio.to_thread(migrations.upgrade, database_url)
    await drain()
    with capture_logs() as logs:
        await delete_expired(worker_context)
    assert [log for log in logs if log["log_level"] in {"warning", "error"}] == []
    async with database.organization(organization.organization_id) as connection:
        raw = await connection.fetchval("SELECT count(*) FROM token_event")
        compared = await connection.fetchrow(
            "SELECT sum(requests) AS requests, bool_and(told_requests = derived_requests) AS alike FROM raw_validation"
        )
    assert (raw, compared["requests"], compared["alike"]) == (0, len(EVENTS), True)
    assert await _read_windows(database, organization) == _windows(organization.default_team_id, then=False)
