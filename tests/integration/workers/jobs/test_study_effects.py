"""The study of an organization's weeks, from the tables to the answer of the API."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.queue import Job
from tests.harness.organization import Organization
from workers.context import WorkerContext
from workers.jobs.settle_days import roll_up_weeks
from workers.jobs.study_effects import study_effects
from workers.stores.ledger.team_weeks import find_weeks, last_week, load
from workers.stores.upkeep.due_work import find_due

WEEKS = 40
TEAMS = 14
ADOPTERS = 7
ADOPTED = 22
LAST = last_week(datetime.now(UTC).date())
FIRST = LAST - timedelta(weeks=WEEKS - 1)

# Team n has the id base + n; teams up to ADOPTERS use tokens from week ADOPTED on, and then merge 11 instead of 6. One
# team, which never adopts, had a few tokens in the first week, since when tokens are known.
_TEAMS = """
INSERT INTO team (organization_id, team_id, name, size)
SELECT $1, 1000 + n, 'team ' || n, 8 FROM generate_series(1, $2::int) AS n
"""
_REPOSITORIES = """
INSERT INTO repository (organization_id, artifact_id, forge, team_id)
SELECT $1, sha256(('repository ' || n)::bytea), 'github', 1000 + n FROM generate_series(1, $2::int) AS n
"""
_TOKENS = """
INSERT INTO intake_total (organization_id, team_id, day, input_uncached)
SELECT $1::bigint, 1000 + n, $2::date + 7 * week, 1000000 + 10000 * ((n * week) % 7)
  FROM generate_series(1, $3::int) AS n, generate_series($4::int, $5::int) AS week
 UNION SELECT $1::bigint, 1014, $2::date, 10
"""
_WINDOWS = """
INSERT INTO token_window (organization_id, team_id, hour, window_id, source, provider, model, model_family,
                          context_tier, workflow, prompt_template, input_uncached)
SELECT organization_id, team_id, day, sha256(day::text::bytea), 'test', 'anthropic', 'claude', 'claude', '', '', '',
       input_uncached
  FROM intake_total WHERE organization_id = $1
"""
_WAITING_DAYS = """
INSERT INTO settlement (organization_id, team_id, day)
SELECT organization_id, team_id, day FROM intake_total WHERE organization_id = $1
"""
_STALE_WEEKS = """
INSERT INTO stale_week (organization_id, team_id, week)
SELECT $1, 1000 + n, $2::date + 7 * week
  FROM generate_series(1, $3::int) AS n, generate_series(0, $4::int - 1) AS week
"""
_MERGED = """
INSERT INTO pull_request (organization_id, artifact_id, repository_id, number, state, opened_at, merged_at,
                          forge_updated_at, is_bot)
SELECT $1, sha256((n || ' ' || week || ' ' || place)::bytea), sha256(('repository ' || n)::bytea),
       sha256((week || ' ' || place)::bytea), 'merged', merged_at, merged_at, merged_at, place > 20
  FROM generate_series(1, $2::int) AS n, generate_series(0, $3::int - 1) AS week,
       LATERAL (SELECT ($4::date + 7 * week + (n * week) % 7)::timestamp AT TIME ZONE 'UTC' AS merged_at) AS at,
       LATERAL (SELECT (n * 7 + week * 3) % 3 + CASE WHEN n <= $5::int AND week >= $6::int THEN 10 ELSE 5 END AS many)
            AS merged, generate_series(1, 22) AS place
 WHERE place <= many OR place > 20
"""
_RELEASES = """
INSERT INTO release (organization_id, artifact_id, repository_id, state, released_at, forge_updated_at)
SELECT $1, sha256(('release of ' || n)::bytea), sha256(('repository ' || n)::bytea), 'published', $3, $3
  FROM generate_series(1, $2::int) AS n
"""
_SHIPPED = """
INSERT INTO release_pull_request (organization_id, release_id, pull_request_id)
SELECT $1, release.artifact_id, pull_request.artifact_id
  FROM release JOIN pull_request USING (organization_id, repository_id)
 WHERE organization_id = $1 AND pull_request.merged_at <= release.released_at
"""
_REVERTED = """
INSERT INTO outcome (organization_id, artifact_id, reverted_at)
SELECT $1, artifact_id, merged_at + interval '3 days' FROM pull_request
 WHERE organization_id = $1 AND merged_at >= $2 ORDER BY merged_at LIMIT 1
"""


def instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.fixture
async def history(database: Database, organization: Organization, worker_context: WorkerContext) -> Organization:
    """Store a rollout to half of the teams; a single release ships what was merged in the 3 weeks before LAST."""
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(_TEAMS, TEAMS)
        await tenant.execute(_REPOSITORIES, TEAMS)
        await tenant.execute(_TOKENS, FIRST, ADOPTERS, ADOPTED, WEEKS - 1)
        await tenant.execute(_WINDOWS)
        await tenant.execute(_WAITING_DAYS)
        await tenant.execute(_STALE_WEEKS, FIRST, TEAMS, WEEKS)
        await tenant.execute(_MERGED, TEAMS, WEEKS, FIRST, ADOPTERS, ADOPTED)
        await tenant.execute(_RELEASES, TEAMS, instant(LAST))
        await tenant.execute(_SHIPPED)
        await tenant.execute(_REVERTED, instant(LAST - timedelta(weeks=1)))
    await roll_up_weeks(worker_context, organization.organization_id)
    return organization


async def found_by(client: httpx.AsyncClient, organization: Organization) -> dict[str, Any]:
    answer = await client.get("/api/v1/effects", headers=organization.headers)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_rollout_that_ships_more_is_found(
    history: Organization, worker_context: WorkerContext, client: httpx.AsyncClient
) -> None:
    await study_effects(worker_context, history.organization_id)

    shown = await found_by(client, history)

    assert shown["sentence"].startswith("Teams ship more after they adopt agents: +")
    assert (shown["first_week"], shown["last_week"]) == (FIRST.isoformat(), LAST.isoformat())
    adoption = shown["found"]["adoption"]
    assert (adoption["adopters"], adoption["comparisons"]) == (ADOPTERS, TEAMS - ADOPTERS)
    merged = next(each for each in adoption["outcomes"] if each["outcome"] == "merged")
    assert merged["answer"] == "more"
    assert merged["effect"]["low"] < 5 / 6 < merged["effect"]["high"]
    assert [each["week"] for each in merged["weeks"]] == [*range(-8, 0), *range(WEEKS - ADOPTED)]
    tokens = next(each for each in adoption["outcomes"] if each["outcome"] == "tokens")
    assert tokens["verdict"] == "cannot tell: nothing before adoption to compare with"


async def test_a_roll_out_by_chance_is_compared_between_its_sides(
    history: Organization, worker_context: WorkerContext, client: httpx.AsyncClient
) -> None:
    begun = FIRST + timedelta(weeks=ADOPTED)
    sides = {
        "given": [f"team {n}" for n in range(1, ADOPTERS + 1)],
        "held_back": [f"team {n}" for n in range(ADOPTERS + 1, TEAMS + 1)],
    }
    change = {"kind": "rollout", "to_value": "agents", "occurred_at": f"{begun}T00:00:00Z", "randomised": sides}
    sent = await client.post("/api/v1/changes", json={"items": [change]}, headers=history.headers)
    assert sent.status_code == 200, sent.text
    await study_effects(worker_context, history.organization_id)

    shown = await found_by(client, history)

    (trial,) = shown["found"]["randomised"]
    assert (trial["name"], trial["given"], trial["held_back"]) == ("agents", ADOPTERS, TEAMS - ADOPTERS)
    assert trial["weeks"] == WEEKS - ADOPTED
    merged = next(each for each in trial["outcomes"] if each["outcome"] == "merged")
    assert merged["answer"] == "more"
    assert merged["effect"]["change"] == pytest.approx(5 / 6, rel=0.02)
    assert f" Chance gave agents to {ADOPTERS} teams and held back {TEAMS - ADOPTERS}: ships more" in shown["sentence"]


async def test_released_and_reverted_pull_requests_are_counted_by_the_week_of_their_merge(
    history: Organization, database: Database
) -> None:
    async with database.organization(history.organization_id) as tenant:
        weeks = await find_weeks(tenant, datetime.now(UTC).date())
        assert weeks == (FIRST, LAST)
        loaded = await load(tenant, weeks)

    merged, released, unreverted = (loaded.outcomes[name] for name in ("merged", "released", "unreverted"))
    assert merged.shape == (TEAMS + 1, WEEKS)
    # Bots merged two pull requests in every week; they do not count.
    assert merged[1:].min() == 5
    assert (released[1:, -4:-1] == merged[1:, -4:-1]).all()
    assert released[:, :-5].sum() == 0
    assert released.sum() - unreverted.sum() == 1


async def test_small_teams_are_left_out(
    history: Organization, database: Database, worker_context: WorkerContext, client: httpx.AsyncClient
) -> None:
    async with database.organization(history.organization_id) as tenant:
        await tenant.execute("UPDATE team SET size = 4 WHERE organization_id = $1 AND team_id <= 1003")
    await study_effects(worker_context, history.organization_id)

    shown = await found_by(client, history)

    assert shown["sentence"].startswith("We cannot tell yet whether agents ship more: 4 teams adopted them")
    # The default team merged nothing.
    assert shown["found"]["adoption"]["left_out"]["small"] == 4


async def test_a_study_is_made_once_a_day(
    history: Organization, database: Database, worker_context: WorkerContext
) -> None:
    async def is_due() -> bool:
        async with database.operator() as connection:
            return (Job.STUDY_EFFECTS, history.organization_id) in await find_due(connection, timedelta())

    assert await is_due()
    await study_effects(worker_context, history.organization_id)
    assert not await is_due()
    async with database.organization(history.organization_id) as tenant:
        await tenant.execute(
            "UPDATE effect_study SET studied_at = now() - interval '25 hours' WHERE organization_id = $1"
        )
    assert await is_due()


async def test_without_known_tokens_the_answer_says_what_is_missing(
    organization: Organization, worker_context: WorkerContext, client: httpx.AsyncClient
) -> None:
    before = await found_by(client, organization)
    await study_effects(worker_context, organization.organization_id)
    after = await found_by(client, organization)

    assert before["sentence"].startswith("We cannot tell yet. The first study is made")
    assert after["sentence"] == "We cannot tell yet. Tokens must be known for at least five weeks."
    assert after["found"] is None
    assert after["studied_at"]


async def test_another_organization_sees_nothing_of_a_study(
    history: Organization, other_organization: Organization, worker_context: WorkerContext, client: httpx.AsyncClient
) -> None:
    await study_effects(worker_context, history.organization_id)

    assert (await found_by(client, other_organization))["studied_at"] is None
