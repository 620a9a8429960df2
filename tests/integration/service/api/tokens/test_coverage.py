"""GET /api/v1/coverage."""

from collections.abc import Awaitable, Callable

import pytest

from tests.integration.service.api.conftest import Api, token_event


async def test_shares_are_of_what_was_settled(company: Api) -> None:
    coverage = await company.get("coverage")
    assert coverage["settled_tokens"] == 2000
    assert coverage["evidence"]["branch"] == 1
    assert sum(coverage["evidence"].values()) == pytest.approx(1)
    assert coverage["priced_share"] == 1
    assert 0 <= coverage["intake_lag_seconds"]["median"] <= coverage["intake_lag_seconds"]["p90"]


async def test_shares_of_nothing_are_null(company: Api) -> None:
    coverage = await company.get("coverage", to="2000-01-01")
    assert coverage["settled_tokens"] == 0
    assert coverage["evidence"] is coverage["priced_share"] is coverage["intake_lag_seconds"] is None


async def test_another_organization_sees_no_coverage(company: Api, other_api: Api) -> None:
    assert (await other_api.get("coverage"))["settled_tokens"] == 0
    assert (await company.get("coverage"))["settled_tokens"] == 2000


async def test_requests_show_failures_and_durations_by_model(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    events = [
        token_event("quick", None, 10, duration_ms=100),
        token_event("slow", None, 10, duration_ms=800, source="review-bot"),
        token_event("failed", None, 0, failed=True),
        # A failed request may have cost tokens, and takes its time.
        token_event("late", None, 10, failed=True, duration_ms=300),
        # What this source leaves out is no sign that all went well.
        token_event("unreported", None, 10, source="counters"),
        token_event("other", None, 10, model="gpt-5", provider="openai", source="counters"),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    assert (await api.get("coverage"))["requests"] == [
        {"model": "claude-sonnet-4-5", "requests": 5, "failed_share": 0.5, "mean_latency_ms": 400},
        {"model": "gpt-5", "requests": 1, "failed_share": None, "mean_latency_ms": None},
    ]


async def test_requests_cover_the_requested_team_and_period(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    reported = [
        token_event("mobile", None, 10, team="mobile", duration_ms=100),
        token_event("early", None, 10, team="mobile", duration_ms=900, occurred_at="2026-11-17T23:59:59Z"),
        token_event("platform", None, 10, team="platform", duration_ms=500),
    ]
    await api.post("token-events", {"items": reported})
    await drain()
    asked = await api.get("coverage", **{"team": "mobile", "from": "2026-11-18"})
    assert [(row["requests"], row["mean_latency_ms"]) for row in asked["requests"]] == [(1, 100)]


async def test_there_are_no_requests_where_there_is_nothing(company: Api) -> None:
    assert (await company.get("coverage", to="2000-01-01"))["requests"] == []


async def test_what_is_charged_by_piece_stands_apart_in_money(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    before = (await api.get("coverage"))["charged_by_piece"]
    assert before == {"web_searches": 0, "code_executions": 0, "cost_nano_usd": 0}
    await api.post("token-events", {"items": [token_event("searched", None, 10, web_searches=3)]})
    await drain()
    coverage = await api.get("coverage")
    # Ten dollars for a thousand searches.
    assert coverage["charged_by_piece"] == {"web_searches": 3, "code_executions": 0, "cost_nano_usd": 30_000_000}
    assert coverage["settled_tokens"] == 20


async def test_models_and_tiers_without_a_price_are_named(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    events = [
        token_event("priced", None, 10),
        token_event("unknown tier", None, 20, service_tier="express"),
        token_event("unknown model", None, 30, model="our-own-model"),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    coverage = await api.get("coverage")
    assert coverage["unpriced"] == [
        {"model": "our-own-model", "service_tier": "", "tokens": 60},
        {"model": "claude-sonnet-4-5", "service_tier": "express", "tokens": 40},
    ]
    assert coverage["priced_share"] == pytest.approx(20 / 120)


async def test_agents_show_how_their_sessions_are_linked_and_what_to_do(api: Api) -> None:
    tokens = {"committed": 10_000, "hooked": 5_000, "begun": 2_500, "nowhere": 30_000}
    events = [token_event(name, None, number // 2, session=name) for name, number in tokens.items()]
    events[2]["start_branch"] = "one"
    await api.post("token-events", {"items": [*events, token_event("loose", None, 1_250)]})
    marks = {"committed": {"commit": "ab" * 20, "source": "hook"}, "hooked": {"branch": "one", "source": "plugin"}}
    items = [
        {"session": name, "agent": "claude-code", "occurred_at": "2026-11-18T13:00:00Z", **mark}
        for name, mark in marks.items()
    ]
    await api.post("session-evidence", {"items": items})
    (agent,) = (await api.get("coverage"))["agents"]
    assert (agent["agent"], agent["requests"], agent["tokens"], agent["sessions"]) == ("claude-code", 5, 50_000, 4)
    assert agent["links"] == {"artifact": 0, "commit": 0.2, "branch": 0.1, "start": 0.05, "none": 0.65}
    assert agent["linked_share"] == pytest.approx(0.35)
    assert [(each["source"], each["share"]) for each in agent["sources"]] == [
        ("hook", 0.2),
        ("plugin", 0.1),
        ("transcript", 0.05),
    ]
    assert (agent["sessions_without_commit"], agent["sessions_cut_off"]) == (3, 2)
    assert ["link install" in gap["remedy"] for gap in agent["gaps"]] == [True, False]
