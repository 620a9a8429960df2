"""GET /api/v1/iterations, and versions in GET /api/v1/effects."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest

from schema.database import Database
from service.queries.ledger.iterations import Reworked, read_reworked
from tests.harness.organization import Organization
from tests.integration.service.api.conftest import DAY, Api, pull_request, token_event
from workers.context import WorkerContext
from workers.jobs.study_effects import study_effects
from workers.stores.ledger import merged_work
from workers.stores.ledger.team_weeks import find_weeks, last_week

Drain = Callable[[], Awaitable[None]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
FIRST = last_week(datetime.now(UTC).date()) - timedelta(weeks=7)
# Of 60 pull requests 24 are made with the standard context window, 20 with a large one, 15 with no tokens, 1 by a bot.
STANDARD, LARGE, WITHOUT = range(24), range(24, 44), range(44, 59)
BOT = 59


COUNTED_ONE_BY_ONE = """
    SELECT coalesce(is_bot, false) AS is_bot, count(*), coalesce(sum(pushes_after_opening), 0)::bigint,
           coalesce(sum(review_rounds), 0)::bigint,
           count(*) FILTER (WHERE reverted_at < merged_at + interval '14 days'), count(fix_released_at)
      FROM pull_request LEFT JOIN outcome USING (organization_id, artifact_id)
     WHERE organization_id = $1 AND state = 'merged' AND (merged_at AT TIME ZONE 'UTC')::date BETWEEN $2 AND $3
     GROUP BY 1
"""


def merged(number: int) -> dict[str, Any]:
    day = FIRST + timedelta(days=number % 28)
    return pull_request(
        number + 1,
        state="merged",
        head_branch=f"branch-{number}",
        opened_at=f"{day}T08:00:00Z",
        merged_at=f"{day}T15:00:00Z",
        changed_lines=10 * (number + 1),
        bot=number == BOT,
        reviews=[f"{day}T13:00:00Z"] if number in LARGE else [],
    )


def spent(number: int) -> dict[str, Any]:
    day = FIRST + timedelta(days=number % 28)
    model = "claude-sonnet-4-5[1m]" if number in LARGE else "claude-sonnet-4-5"
    return token_event(
        f"event {number}", f"branch-{number}", 100, model=model, occurred_at=f"{day}T12:00:00Z", prompt_template="a/1"
    )


@pytest.fixture
async def reworked(api: Api, drain: Drain, worker_context: WorkerContext) -> Api:
    await api.import_items("pull-requests", *(merged(number) for number in range(60)))
    await api.post("token-events", {"items": [spent(number) for number in (*STANDARD, *LARGE)]})
    await drain()
    await study_effects(worker_context, api.organization.organization_id)
    return api


async def test_a_period_sums_what_was_merged_and_bots_stand_apart(reworked: Api) -> None:
    period = {"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=27)).isoformat()}
    answer = await reworked.get("iterations", **period)
    assert answer["total"]["pull_requests"] == 59
    assert answer["bots"]["pull_requests"] == 1
    rates = answer["total"]["rates"]
    assert rates["review_rounds"] == {"total": 20, "each": 20 / 59, "low": None, "high": None}
    assert rates["reverted"]["total"] == 0
    assert answer["sentence"].startswith(
        "59 merged pull requests: 0.0 pushes after opening and 0.3 review rounds each;"
    )
    assert (answer["items"], answer["studied_at"]) == ([], None)
    assert (await reworked.get("iterations", team="default", **period))["total"] == answer["total"]
    assert (await reworked.get("iterations", **NOVEMBER))["sentence"] == "Nothing was merged in this period."


async def test_groups_sum_to_the_total_and_small_ones_are_withheld(reworked: Api) -> None:
    for group_by in ("context_tier", "model_family", "prompt_version", "ai_share"):
        answer = await reworked.get("iterations", group_by=group_by)
        assert answer["total"]["pull_requests"] == 59, group_by
        shown = sum(item["pull_requests"] or 0 for item in answer["items"])
        withheld = [item for item in answer["items"] if item["withheld_reason"]]
        assert (shown == 59) != bool(withheld)
        assert len(withheld) != 1, "never a single one"
    answer = await reworked.get("iterations", group_by="context_tier")
    found = {item["group"]: item for item in answer["items"]}
    assert list(found) == ["", "1m", None]
    assert found[""]["rates"]["review_rounds"]["total"] == 0
    assert found[None]["withheld_reason"] == "the group has fewer than 20 pull requests"
    assert "computed" in found["1m"]["withheld_reason"]
    assert answer["sentence"] == "We cannot tell yet whether groups differ: too few teams merged pull requests of both."
    assert answer["first_day"] <= FIRST.isoformat() <= answer["last_day"]


async def test_what_most_tokens_were_spent_with_is_loaded(
    reworked: Api, database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        weeks = await find_weeks(tenant, datetime.now(UTC).date())
        assert weeks is not None
        work = await merged_work.load(tenant, merged_work.work_weeks(weeks))
    assert len(work.team) == 59
    assert sorted(map(str, work.made_with["context_tier"])) == sorted([""] * 24 + ["1m"] * 20 + ["None"] * 15)
    assert set(work.made_with["prompt_version"]) == {"a/1", None}
    assert sorted(set(work.output)) == [0, 100]
    assert work.counted["review_rounds"].sum() == 20
    assert len(reworked.organization.key) > 0


async def test_a_comparison_has_no_period_and_no_team(api: Api) -> None:
    for name, value in (("team", "default"), ("from", DAY), ("to", DAY)):
        problem = await api.get("iterations", 400, group_by="ai_share", **{name: value})
        assert problem["field"] == name
    problem = await api.get("iterations", 400, group_by="team")
    assert "context_tier, model_family, prompt_version, ai_share" in problem["detail"]


async def test_before_a_study_the_answer_says_what_is_missing(api: Api) -> None:
    answer = await api.get("iterations", group_by="model_family")
    assert answer["sentence"].startswith("We cannot tell yet. The first study")
    assert (answer["total"], answer["items"], answer["first_day"]) == (None, [], None)


async def test_a_small_team_is_withheld_when_asked_for(company: Api, drain: Drain) -> None:
    other = token_event("other", None, 10, team="platform", repository="github.com/octo-org/elsewhere")
    await company.post("token-events", {"items": [other]})
    await drain()
    await company.post("teams", {"name": "default", "size": 4})
    answer = await company.get("iterations", **NOVEMBER, team="default")
    assert (answer["total"], answer["bots"]) == (None, None)
    assert answer["sentence"] == "Withheld: the team has fewer than 5 people."


async def test_another_organization_sees_nothing(reworked: Api, other_api: Api) -> None:
    assert (await reworked.get("iterations", group_by="ai_share"))["items"]
    assert (await other_api.get("iterations", group_by="ai_share"))["items"] == []
    answer = await other_api.get("iterations", **{"from": FIRST.isoformat()})
    assert answer["total"]["pull_requests"] == 0


async def test_versions_are_compared_side_by_side_or_before_and_after(
    api: Api, drain: Drain, worker_context: WorkerContext
) -> None:
    events = [
        token_event(
            f"{version} {week} {place}",
            None,
            tokens,
            occurred_at=f"{FIRST + timedelta(weeks=week, days=place)}T12:00:00Z",
            prompt_template=f"review/{version}",
        )
        for week in range(8)
        for version, tokens in ((6, 1000), (7, 820))
        for place in range(3)
        if version == 6 or week >= 2
    ]
    await api.post("token-events", {"items": events})
    await drain()
    await study_effects(worker_context, api.organization.organization_id)

    answer = await api.get("effects", kind="prompt_version", new="review/7", old="review/6")
    assert {each["design"] for each in answer["found"]["versions"]} == {"side_by_side", "before_after"}
    assert answer["sentence"].startswith("review/7 used 18 % fewer input tokens for each request than review/6 (")
    beside = await api.get("effects", new="review/7", design="side_by_side")
    (change,) = beside["found"]["versions"]
    assert change["input_tokens"]["change"] == pytest.approx(-0.18, abs=1e-6)
    assert [each["new"] for each in (await api.get("effects"))["found"]["versions"]] == ["review/7"]
    unknown = await api.get("effects", new="review/9")
    assert unknown["found"]["versions"] == []
    assert unknown["sentence"] == "These versions cannot be compared. Compared were review/7 with review/6."
    assert (await api.get("effects", 400, kind="temperature"))["field"] == "kind"


async def test_every_period_sums_what_became_of_its_merges_at_once_and_after_the_roll_up(
    reworked: Api, database: Database, drain: Drain
) -> None:
    async def check() -> None:
        days = [FIRST + timedelta(days=day) for day in (0, 1, 6, 7, 13, 20, 27)]
        async with database.organization(reworked.organization.organization_id) as tenant:
            for first, last in combinations_with_replacement(days, 2):
                expected = {
                    row["is_bot"]: Reworked(*list(row)[1:])
                    for row in await tenant.fetch(COUNTED_ONE_BY_ONE, first, last)
                }
                for team_id in (None, reworked.organization.default_team_id):
                    found = await read_reworked(tenant, first, last, team_id)
                    assert found == {False: Reworked(), True: Reworked()} | expected, (first, last)

    await check()
    day = FIRST + timedelta(days=3)
    moved = {**merged(3), "merged_at": f"{day + timedelta(days=4)}T15:00:00Z", "reviews": [f"{day}T13:00:00Z"]}
    await reworked.import_items("pull-requests", moved, {**merged(4), "bot": True})
    await check()
    await drain()
    await check()
