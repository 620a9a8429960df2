"""The study of outcomes, from reports and tokens to the answer of the API."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.service.api.conftest import Api, api, token_event
from workers.context import WorkerContext
from workers.jobs.study_effects import study_effects

__all__ = ["api"]

Drain = Callable[[], Awaitable[None]]
TODAY = datetime.now(UTC).date()
DAYS = 12


def day(number: int) -> str:
    return f"{TODAY - timedelta(days=2 + number)}T10:00:00Z"


def event(number: int, prompt: str, tokens: int, **values: Any) -> dict[str, Any]:
    known = {"workflow": "support", "prompt_template": prompt, "occurred_at": day(number)}
    return token_event(f"{prompt} {number} {values}", None, tokens, **{**known, **values})


def outcome(number: int, count: int, **values: Any) -> dict[str, Any]:
    return {"occurred_at": day(number), "workflow": "support", "count": count, **values}


async def study(api: Api, drain: Drain, context: WorkerContext) -> dict[str, Any]:
    await drain()
    await study_effects(context, api.organization.organization_id)
    found: dict[str, Any] = await api.get("outcomes/study")
    return found


async def test_prompts_are_ranked_by_tokens_of_reported_and_of_evident_outcomes(
    api: Api, drain: Drain, worker_context: WorkerContext
) -> None:
    assert (await api.get("outcomes/study"))["studied_at"] is None
    events, outcomes = [], []
    for number in range(DAYS):
        # On the first days v6 is alone, so that outcomes without a prompt are its own.
        events.append(event(number + DAYS, "v6", 1000 + 10 * (number % 3)))
        outcomes.append(outcome(number + DAYS, 4, successes=3))
        events += [event(number, "v6", 500), event(number, "v7", 700 + 10 * (number % 2))]
        outcomes += [outcome(number, 2, prompt_template="v6"), outcome(number, 7, prompt_template="v7", quality=0.5)]
        # Without a prompt where two were used: of neither.
        outcomes.append(outcome(number, 50))
    await api.post("token-events", {"items": events})
    await api.post("outcomes", {"items": outcomes})

    found = await study(api, drain, worker_context)

    first, second = found["prompts"]
    assert (first["prompt_version"], first["rank"], first["outcomes"], first["quality"]) == ("v7", 1, 7 * DAYS, 0.5)
    assert first["tokens_per_outcome"] == 2 * 705 / 7
    assert (second["prompt_version"], second["rank"], second["outcomes"]) == ("v6", 2, 6 * DAYS)
    assert (second["days"], second["success_rate"]) == (2 * DAYS, 0.75)
    assert second["low"] < second["tokens_per_outcome"] < second["high"]
    assert second["than_first"]["low"] > 1
    assert (found["success"], found["quality"]) == (None, None)


async def test_a_small_team_beside_others_is_left_out(api: Api, drain: Drain, worker_context: WorkerContext) -> None:
    for team, size in (("web", 2), ("mobile", 9)):
        await api.save_team({"name": team, "size": size}, 201)
    numbers = range(DAYS)
    await api.post(
        "token-events",
        {"items": [event(n, f"of-{team}", 100 + n, team=team) for n in numbers for team in ("web", "mobile")]},
    )
    await api.post("outcomes", {"items": [outcome(n, 3, team=team) for n in numbers for team in ("web", "mobile")]})

    found = await study(api, drain, worker_context)

    assert [each["prompt_version"] for each in found["prompts"]] == ["of-mobile"]
    made = await api.post("keys", {"name": "k", "scopes": ["read"], "team": "web"}, 201)
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert (await api.client.get("/api/v1/outcomes/study", headers=headers)).status_code == 403
