"""/api/v1/guardrails: what was refused and asked again, and that it is a part of spend like any other."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.service.api.conftest import Api, token_event

Drain = Callable[[], Awaitable[None]]
PERIOD = {"from": "2026-11-16", "to": "2026-11-22"}


def event(name: str, tokens: int, **values: Any) -> dict[str, Any]:
    return token_event(name, None, tokens, **{"workflow": "support", **values})


async def shown(api: Api, **query: Any) -> Any:
    return await api.get("guardrails", **{**PERIOD, **query})


@pytest.fixture
async def guarded(api: Api, drain: Drain) -> Api:
    """Of 1.80 a refused request of 0.18 and its retry of 0.36, on two days, and a refusal of another team."""
    events = [
        event("plain", 66_000),
        event("refused", 10_000, guardrail="refused"),
        event("retry", 20_000, guardrail="retry", occurred_at="2026-11-20T09:00:00Z"),
        event("other", 4_000, guardrail="refused", team="web", workflow="sales"),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    return api


async def test_refused_requests_and_retries_have_their_tokens_and_cost(guarded: Api) -> None:
    answer = await shown(guarded)
    total = answer["total"]
    assert (total["refused"]["requests"], total["refused"]["tokens"]["total"]) == (2, 28_000)
    assert (total["retries"]["requests"], total["retries"]["cost_usd"]) == (1, "0.36")
    assert total["cost_usd"] == "0.612"
    assert answer["share_of_cost"] == pytest.approx(0.34)
    assert answer["settled"] is True


@pytest.mark.parametrize("group_by", [None, "team", "model", "provider", "workflow", "prompt_version"])
@pytest.mark.parametrize("bucket", ["total", "day"])
async def test_every_cut_sums_to_the_same_total(guarded: Api, group_by: str | None, bucket: str) -> None:
    answer = await shown(guarded, bucket=bucket, **({"group_by": group_by} if group_by else {}))
    figures = [each["figures"] for each in answer["items"]]
    for kind in ("refused", "retries"):
        assert sum(each[kind]["requests"] for each in figures) == answer["total"][kind]["requests"]
    assert sum(Decimal(each["cost_usd"]) for each in figures) == Decimal("0.612")


async def test_they_are_in_spend_like_other_requests(guarded: Api) -> None:
    total = (await guarded.get("spend", **PERIOD))["total"]["figures"]
    assert (total["cost_usd"], total["requests"]) == ("1.80", 4)
    ledger = await guarded.get("ledger", **PERIOD)
    assert (ledger["received"]["total"], set(ledger["difference"].values())) == (200_000, {0, "0.00"})


async def test_a_small_team_is_withheld_and_never_alone(guarded: Api) -> None:
    for team, size in (("web", 2), ("default", 9)):
        await guarded.save_team({"name": team, "size": size})
    items = (await shown(guarded, group_by="team"))["items"]
    assert {each["team"]: each["figures"] for each in items} == {"default": None, "web": None}
    answer = await shown(guarded, team="web")
    assert (answer["total"], answer["share_of_cost"]) == (None, None)


async def test_pages_hold_all_rows_once_and_other_organizations_see_nothing(guarded: Api, other_api: Api) -> None:
    whole = (await shown(guarded, bucket="day", group_by="workflow"))["items"]
    first = await shown(guarded, bucket="day", group_by="workflow", limit=2)
    rest = await shown(guarded, bucket="day", group_by="workflow", cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == whole
    assert [(each["period_start"][-2:], each["workflow"]) for each in whole] == [
        *(("18", "sales"), ("18", "support"), ("20", "support")),
    ]
    assert (await shown(other_api))["total"]["cost_usd"] == "0.00"


async def test_an_unknown_value_is_refused(api: Api) -> None:
    problem = await api.post("token-events", {"items": [event("a", 1, guardrail="maybe")]}, 400)
    assert "guardrail" in str(problem)
