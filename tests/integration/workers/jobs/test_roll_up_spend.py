"""Spend by team and day, and its cuts, after whatever changes the ledger or what became of its pull requests.

After every test the harness compares spend with the ledger, and every cut with the total.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from schema.queue import Job
from service.queries.ledger.totals import read_ledger
from tests.integration.workers.stored_facts import StoredFacts
from vocabulary.spend_cuts import CUTS, DIMENSIONS, MEASURES, OF_MODELS, OWNERS, cut_name
from workers.context import WorkerContext
from workers.jobs.roll_up_spend import roll_up_spend
from workers.stores.spend.stale import note_pull_requests
from workers.stores.upkeep.due_work import find_due

Drain = Callable[[], Awaitable[None]]

COLUMNS = {"team": "team_id", "repository": "repository_id", "fate": "stage", "prompt_version": "prompt_template"}
DAY = timedelta(days=1)


async def spend(stored: StoredFacts, *columns: str) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Tokens and requests by these columns of `spend_day`."""
    rows = await stored.fetch(
        f"SELECT {', '.join(columns)}, sum(input_uncached)::bigint, sum(requests)::bigint AS requests FROM spend_day"
        f" WHERE organization_id = $1 GROUP BY {', '.join(columns)}"
    )
    return {tuple(list(row.values())[:-2]): tuple(list(row.values())[-2:]) for row in rows}


async def change_state(stored: StoredFacts, artifact_id: bytes, state: str, hours: float) -> None:
    """Change a pull request as facts do, with the notes that they leave."""
    await stored.execute(
        "UPDATE pull_request SET state = $3::text, merged_at = CASE WHEN $3::text = 'merged' THEN $4::timestamptz END"
        " WHERE organization_id = $1 AND artifact_id = $2",
        artifact_id,
        state,
        stored.at(hours),
    )
    await stored.execute(
        "INSERT INTO stale_week (organization_id, team_id, week)"
        " SELECT organization_id, team_id, date_trunc('week', $2::timestamptz)::date FROM team"
        " WHERE organization_id = $1",
        stored.at(hours),
    )
    async with stored.database.organization(stored.organization.organization_id) as tenant:
        await note_pull_requests(tenant, [artifact_id])


async def test_spend_is_by_fate_and_the_requests_of_a_split_window_are_split_by_tokens(
    stored: StoredFacts, drain: Drain
) -> None:
    await stored.pull_request(1, 0, 30, branch="one")
    await stored.pull_request(2, 0, branch="two")
    for number in range(7):
        await stored.event(f"split {number}", 4, 100)
    for branch in ("one", "two"):
        await stored.event(f"linked to {branch}", 5, 450, branch=stored.organization.hasher.branch(branch))
    await drain()
    found = await spend(stored, "stage")
    assert sum(tokens for tokens, _ in found.values()) == 1600
    assert sum(requests for _, requests in found.values()) == 9
    assert set(found) >= {("merged",), ("in_flight",)}
    rows = await stored.fetch("SELECT * FROM attribution WHERE organization_id = $1 AND hour = $2", stored.at(4))
    shares = {row["artifact_id"]: 7 * row["input_uncached"] / 700 for row in rows}
    assert len(shares) > 1, "the window is split"
    of_window = found["merged",][1] - 1  # without the linked one
    assert of_window in {int(share) + more for share in shares.values() for more in (0, 1)}


async def test_a_merge_moves_what_was_spent_on_earlier_days(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    artifact_id = await stored.pull_request(1, 0, branch="one")
    branch = stored.organization.hasher.branch("one")
    for day in range(3):
        await stored.event(f"day {day}", 24 * day + 4, 100, branch=branch)
    await drain()
    assert await spend(stored, "stage") == {("in_flight",): (300, 3)}
    await change_state(stored, artifact_id, "merged", 80)
    organization_id = stored.organization.organization_id
    async with worker_context.database.operator() as connection:
        assert (Job.ROLL_UP_SPEND, organization_id) in await find_due(connection, timedelta())
    await roll_up_spend(worker_context, organization_id)
    assert await spend(stored, "stage") == {("merged",): (300, 3)}
    cuts = await stored.fetch(
        "SELECT * FROM spend_cut WHERE organization_id = $1 AND cut = 'fate' ORDER BY grain, period"
    )
    assert {row["first"] for row in cuts} == {"merged"}, "sums that became 0 are gone"
    assert [row["grain"] for row in cuts] == ["day"] * 3 + ["month"] + ["month_to_date"] * 3 + ["week", "year_to_date"]


async def test_the_ledger_knows_what_became_of_work_before_it_is_rolled_up(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    artifact_id = await stored.pull_request(1, 0, branch="one")
    await stored.event("linked", 4, 100, branch=stored.organization.hasher.branch("one"))
    await stored.event("other", 30, 7)
    await drain()
    organization_id = stored.organization.organization_id
    for state, hours in (("merged", 80), ("abandoned", 80)):
        await change_state(stored, artifact_id, state, hours)
        for _ in ("waiting", "rolled up"):
            async with worker_context.database.organization(organization_id) as tenant:
                (whole, of_team) = [
                    await read_ledger(tenant, team_id=team_id)
                    for team_id in (None, stored.organization.default_team_id)
                ]
            assert whole == of_team
            assert getattr(whole, state).tokens.total >= 100
            assert (whole.in_flight.tokens.total, whole.received.tokens.total) == (0, 107)
            await roll_up_spend(worker_context, organization_id)


async def test_failed_requests_without_tokens_are_counted_as_overhead(stored: StoredFacts, drain: Drain) -> None:
    await stored.event("failed", 4, 0)
    await stored.execute("UPDATE token_event SET failed = true, duration_ms = 250 WHERE organization_id = $1")
    await stored.event("good", 4, 50)
    await drain()
    (failed,) = await stored.fetch("SELECT * FROM spend_day WHERE organization_id = $1 AND failed_requests > 0")
    assert (failed["stage"], failed["requests"], failed["timed_requests"], failed["duration_ms"]) == (
        "overhead", 1 + (failed["input_uncached"] > 0), 1, 250,
    )  # fmt: skip
    assert sum(requests for _, requests in (await spend(stored, "day")).values()) == 2


async def test_released_and_reverted_work_is_counted_apart(stored: StoredFacts, drain: Drain) -> None:
    for number, more in ((1, ""), (2, ".released"), (3, ".reverted"), (4, ".released.reverted")):
        artifact_id = await stored.pull_request(number, 0, 30, branch=f"branch {number}")
        branch = stored.organization.hasher.branch(f"branch {number}")
        await stored.event(f"event {number}", 4, 100 * number, branch=branch)
        if "released" in more:
            await _release(stored, artifact_id)
        if "reverted" in more:
            await stored.execute(
                "INSERT INTO outcome (organization_id, artifact_id, reverted_at) VALUES ($1, $2, now())", artifact_id
            )
    await drain()
    assert {stage: tokens for (stage,), (tokens, _) in (await spend(stored, "stage")).items()} == {
        "merged": 100, "merged.released": 200, "merged.reverted": 300, "merged.released.reverted": 400,
    }  # fmt: skip


async def _release(stored: StoredFacts, artifact_id: bytes) -> None:
    release_id = stored.name(f"release of {artifact_id.hex()}")
    await stored.execute(
        "INSERT INTO release (organization_id, artifact_id, repository_id, state, released_at, forge_updated_at)"
        " SELECT $1::bigint, $2, repository_id, 'published', $4, $4 FROM pull_request"
        "  WHERE organization_id = $1 AND artifact_id = $3",
        release_id,
        artifact_id,
        stored.at(40),
    )
    await stored.execute("INSERT INTO release_pull_request VALUES ($1, $2, $3)", release_id, artifact_id)


async def test_settling_a_day_again_replaces_its_spend(stored: StoredFacts, drain: Drain) -> None:
    await stored.event("one", 4, 100)
    await drain()
    await stored.event("two", 5, 11)
    await drain()
    await drain()
    assert await spend(stored, "day") == {(date(2026, 3, 2),): (111, 2)}


async def test_a_roll_up_without_notes_changes_nothing(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext
) -> None:
    await stored.event("one", 4, 100)
    await drain()
    before = await stored.fetch("SELECT *, xmin FROM spend_cut WHERE organization_id = $1 ORDER BY cut, grain, first")
    await roll_up_spend(worker_context, stored.organization.organization_id)
    after = await stored.fetch("SELECT *, xmin FROM spend_cut WHERE organization_id = $1 ORDER BY cut, grain, first")
    assert before == after


@pytest.mark.parametrize("seed", range(3))
async def test_every_cut_is_the_sum_of_its_team_days_after_any_changes(
    stored: StoredFacts, drain: Drain, worker_context: WorkerContext, seed: int
) -> None:
    draw = random.Random(seed)
    teams = [stored.organization.default_team_id, *await _teams(stored)]
    artifacts = [await stored.pull_request(n, 0, draw.choice([None, 900]), branch=f"{n}") for n in range(6)]
    for step in range(3):
        for number in range(25):
            await _random_event(stored, draw, f"{step} {number}", draw.choice(teams))
        await drain()
        await _assert_cuts(stored)
        for artifact_id in draw.sample(artifacts, 2):
            await change_state(stored, artifact_id, draw.choice(["merged", "abandoned", "open"]), 900)
        await roll_up_spend(worker_context, stored.organization.organization_id)
        await _assert_cuts(stored)


async def _teams(stored: StoredFacts) -> list[int]:
    rows = await stored.fetch(
        "INSERT INTO team (organization_id, name) VALUES ($1, 'blue'), ($1, 'red') RETURNING team_id"
    )
    return [row["team_id"] for row in rows]


async def _random_event(stored: StoredFacts, draw: random.Random, name: str, team_id: int) -> None:
    branch = draw.choice([None, *range(6)])
    evidence = {} if branch is None else {"branch": stored.organization.hasher.branch(f"{branch}")}
    model = draw.choice(["claude-sonnet-4-5", "claude-opus-4-1", "unknown"])
    await stored.event(name, draw.uniform(1, 800), draw.randrange(5000), model=model, team_id=team_id, **evidence)
    await stored.execute(
        "UPDATE token_event SET workflow = $3, prompt_template = $4, context_tier = $5, failed = $6, duration_ms = $7"
        " WHERE organization_id = $1 AND event_id = $2", stored.name(name), draw.choice(["", "review"]),
        draw.choice(["", "v1", "v2"]), draw.choice(["", "small"]), draw.random() < 0.1, draw.choice([None, 40, 1234]),
    )  # fmt: skip


async def _assert_cuts(stored: StoredFacts) -> None:
    """Compare `spend_cut` with `spend_day`, summed here in Python."""
    expected: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    days = await stored.fetch("SELECT * FROM spend_day WHERE organization_id = $1")
    for row in days:
        periods = {
            "day": row["day"],
            "week": row["day"] - row["day"].weekday() * DAY,
            "month": row["day"].replace(day=1),
        }
        for cut in CUTS:
            owner, first, second = _place(row, cut)
            for grain, period in periods.items():
                if grain != "day" or not _is_owned(cut):
                    key = (cut_name(cut), owner, grain, period, first, second)
                    expected[key].update({name: row[name] for name in MEASURES})
        for grain, period in periods.items():
            key = (cut_name(OF_MODELS), row["provider"], grain, period, f"{row['team_id']}", row["model"])
            expected[key].update({name: row[name] for name in MEASURES})
    _add_to_date(expected)
    rows = await stored.fetch("SELECT * FROM spend_cut WHERE organization_id = $1")
    found = {
        tuple(row[name] for name in ("cut", "owner", "grain", "period", "first", "second")): {
            name: row[name] for name in MEASURES
        }
        for row in rows
    }
    assert found == {key: dict(sums) for key, sums in expected.items() if any(sums.values())}
    assert days, "something was spent"


def _add_to_date(expected: dict[tuple[Any, ...], Counter[str]]) -> None:
    """Add the sums of each cut to all days and months with spend from a day or month on, in the same month or year."""
    known = list(expected.items())
    for grain, to_date, length in (("day", "month_to_date", 7), ("month", "year_to_date", 4)):
        points = {key[3] for key, _ in known if key[:3] == ("", "", grain)}
        for (cut, owner, of, period, first, second), sums in known:
            if of == grain and not _is_owned(tuple(cut.split(","))):
                for point in points:
                    if point >= period and f"{point}"[:length] == f"{period}"[:length]:
                        expected[cut, owner, to_date, point, first, second].update(sums)


def _place(row: dict[str, Any], cut: tuple[str, ...]) -> tuple[str, str, str]:
    """Return owner, first and second of a row in a cut."""
    assert list(cut) == [name for name in DIMENSIONS if name in cut]
    values = [row[COLUMNS.get(name, name)] for name in cut]
    texts = [value.hex() if isinstance(value, bytes) else str(value) for value in values] + ["", ""]
    if _is_owned(cut):
        return texts[0], texts[1], ""
    return "", texts[0], texts[1]


def _is_owned(cut: tuple[str, ...]) -> bool:
    return len(cut) == 2 and cut[0] in OWNERS
