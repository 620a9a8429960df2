"""/api/v1/ownership: overhead beside token cost, exactly, with the factors that say so."""

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.service.api.conftest import DAY, Api, token_event

Drain = Callable[[], Awaitable[None]]
PERIOD = {"from": "2026-11-16", "to": "2026-11-22"}
MEMO = "FinOps memo 2026-14"
OPENAI = {"provider": "openai", "model": "gpt-5"}


def factor(**values: Any) -> dict[str, Any]:
    return {"part": "infrastructure", "value": "0.1", "first_day": "2026-01-01", "source": MEMO, **values}


async def set_factors(api: Api, *items: dict[str, Any], status: int = 200) -> Any:
    return await api.post("ownership/factors", {"items": list(items)}, status)


async def ownership(api: Api, **query: Any) -> Any:
    return await api.get("ownership", **{**PERIOD, **query})


@pytest.fixture
async def spent(api: Api, drain: Drain) -> Api:
    """Teams web and mobile, two providers, two days: 1.80, 0.18 and some of another provider."""
    events = [
        token_event("a", None, 100_000, team="web"),
        token_event("b", None, 10_001, team="mobile", occurred_at="2026-11-20T12:00:00Z"),
        token_event("c", None, 33_333, team="mobile", **OPENAI, workflow="support"),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    return api


async def test_overhead_is_shown_apart_from_token_cost_and_both_together(spent: Api) -> None:
    await set_factors(spent, factor(), factor(part="orchestration", value="0.05"))
    total = (await ownership(spent, to="2026-11-18", team="web"))["total"]
    assert total["token_cost_usd"] == "1.80"
    assert total["overhead"] == {
        "orchestration_usd": "0.09",
        "observability_usd": "0.00",
        "infrastructure_usd": "0.18",
        "energy_usd": "0.00",
        "total_usd": "0.27",
    }
    assert (total["total_cost_of_ownership_usd"], total["multiplier"]) == ("2.07", pytest.approx(1.15))


@pytest.mark.parametrize("group_by", [None, "team", "model", "provider", "workflow", "feature", "repository"])
@pytest.mark.parametrize("bucket", ["total", "day"])
async def test_every_cut_sums_to_the_same_total_and_to_the_spend(spent: Api, group_by: str | None, bucket: str) -> None:
    await set_factors(
        spent,
        factor(value="0.123457"),
        factor(value="0.3", provider="openai"),
        factor(value="0.2", first_day="2026-11-19"),
        factor(part="observability", value="0.000333", model="gpt-5"),
        factor(part="energy_per_output", value="0.5", low="0.1", high="2", model="gpt-5"),
    )
    plain = await ownership(spent)
    answer = await ownership(spent, bucket=bucket, **({"group_by": group_by} if group_by else {}))
    assert answer["total"] == plain["total"]
    figures = [each["figures"] for each in answer["items"]]
    for part, amount in plain["total"]["overhead"].items():
        assert sum(Decimal(each["overhead"][part]) for each in figures) == Decimal(amount), part
    assert sum(Decimal(each["total_cost_of_ownership_usd"]) for each in figures) == Decimal(
        plain["total"]["total_cost_of_ownership_usd"]
    )
    for name in ("energy_kwh", "carbon_kg"):
        assert sum(each[name]["likely"] for each in figures) == pytest.approx(plain["total"][name]["likely"])
    spend = (await spent.get("spend", **PERIOD))["total"]["figures"]
    assert plain["total"]["token_cost_usd"] == spend["cost_usd"]


async def test_a_factor_holds_from_its_day_and_that_of_a_provider_goes_before(spent: Api) -> None:
    await set_factors(
        spent, factor(), factor(value="0.2", first_day="2026-11-19"), factor(value="0.5", provider="openai")
    )
    answer = await ownership(spent, bucket="day", group_by="provider")
    found = {(each["period_start"], each["provider"]): each["figures"]["multiplier"] for each in answer["items"]}
    assert found == {
        (DAY, "anthropic"): pytest.approx(1.1),
        (DAY, "openai"): pytest.approx(1.5),
        ("2026-11-20", "anthropic"): pytest.approx(1.2),
    }


async def test_pages_hold_all_rows_once(spent: Api) -> None:
    await set_factors(spent, factor(value="0.123457"))
    whole = await ownership(spent, bucket="day", group_by="model")
    first = await ownership(spent, bucket="day", group_by="model", limit=1)
    rest = await ownership(spent, bucket="day", group_by="model", cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == whole["items"]
    assert (len(whole["items"]), rest["next_cursor"]) == (3, None)


async def test_the_factors_that_hold_are_shown_with_their_sources(spent: Api) -> None:
    await set_factors(spent, factor(source="https://example.com/report?page=7"), factor(first_day="2027-01-01"))
    answer = await spent.client.put(
        "/api/v1/overhead-multiplier", json={"power": "0.02"}, headers=spent.organization.headers
    )
    assert answer.status_code == 200
    shown = (await ownership(spent))["factors"]
    assert [(each["part"], each["value"], each["source"]) for each in shown[:2]] == [
        ("infrastructure", "0.1", "https://example.com/report?page=7"),
        ("energy", "0.02", "PUT /api/v1/overhead-multiplier"),
    ]
    published = {each["part"]: each for each in shown[2:]}
    assert set(published) == {"energy_per_output", "energy_per_input", "carbon_per_kwh"}
    assert all(
        each["id"] is None and each["source"].startswith("https://") and each["note"] for each in published.values()
    )


async def test_energy_is_an_estimate_with_a_range_that_own_factors_replace(spent: Api) -> None:
    before = (await ownership(spent))["total"]["energy_kwh"]
    assert 0 < before["low"] < before["likely"] < before["high"]
    await set_factors(spent, factor(part="energy_per_output", value="1"), factor(part="energy_per_input", value="0"))
    after = (await ownership(spent))["total"]
    assert after["energy_kwh"]["likely"] == pytest.approx(0.143334)
    assert after["carbon_kg"]["likely"] == pytest.approx(0.143334 * 0.481)


async def test_a_small_team_is_withheld_and_never_alone(spent: Api) -> None:
    for team, size in (("web", 2), ("mobile", 9)):
        await spent.save_team({"name": team, "size": size})
    await set_factors(spent, factor())
    items = (await ownership(spent, group_by="team"))["items"]
    assert {each["team"]: each["figures"] for each in items} == {"mobile": None, "web": None}
    assert (await ownership(spent, team="web"))["total"] is None


async def test_pages_of_withheld_teams_add_up_and_their_cursors_give_no_sum_away(spent: Api, drain: Drain) -> None:
    days = [{"occurred_at": f"2026-11-{day}T12:00:00Z"} for day in (18, 20)]
    events = [
        token_event(f"{team} {number}", None, 7_001 + number, team=team, **day)
        for team in ("data", "search", "tools")
        for number, day in enumerate(days)
    ]
    await spent.post("token-events", {"items": events})
    await drain()
    for team, size in (("web", 2), ("mobile", 2), ("data", 9), ("search", 9), ("tools", 9)):
        await spent.save_team({"name": team, "size": size})
    await set_factors(spent, factor(value="0.123457"))
    query = {"bucket": "day", "group_by": "team"}
    whole = await ownership(spent, **query)
    items: list[Any] = []
    cursors: list[str] = []
    page = await ownership(spent, **query, limit=1)
    items += page["items"]
    while page["next_cursor"]:
        cursors.append(page["next_cursor"])
        page = await ownership(spent, **query, limit=1, cursor=cursors[-1])
        items += page["items"]
    assert items == whole["items"]
    assert [each["figures"] is None for each in items if each["team"] in {"web", "mobile"}] == [True] * 3
    sums = [json.loads(b64decode(each + "=" * (-len(each) % 4), "-_"))[1] for each in cursors]
    first_day = [each["period_start"] for each in items][:-1].count(DAY)
    assert sums[:first_day] == [["0"] * 4] * first_day
    assert len({str(each) for each in sums[first_day:]}) == 1


async def test_a_factor_is_replaced_by_its_part_scope_and_day_and_deleted(api: Api, other_api: Api) -> None:
    assert await set_factors(api, factor()) == {"received": 1, "changed": 1}
    assert await set_factors(api, factor()) == {"received": 1, "changed": 0}
    assert (await set_factors(api, factor(value="0.25"), factor(model="gpt-5-2025-08-07")))["changed"] == 2
    own = [each for each in (await api.get("ownership/factors"))["items"] if each["id"]]
    assert [(each["model"], each["value"]) for each in own] == [("", "0.25"), ("gpt-5", "0.1")]
    assert [each for each in (await other_api.get("ownership/factors"))["items"] if each["id"]] == []
    for status in (204, 404):
        answer = await api.client.delete(f"/api/v1/ownership/factors/{own[0]['id']}", headers=api.organization.headers)
        assert answer.status_code == status


async def test_a_part_is_by_provider_or_by_model_and_energy_and_carbon_share_it(api: Api) -> None:
    await set_factors(api, factor(provider="openai"), factor(part="energy_per_input", model="gpt-5"))
    refused = await set_factors(api, factor(), factor(model="gpt-5"), status=409)
    assert refused["field"] == "items[1].model"
    refused = await set_factors(api, factor(part="carbon_per_kwh", provider="openai"), status=409)
    assert "energy and carbon has factors by model and by provider" in refused["detail"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"part": "coffee"}, "part"),
        ({"value": "-0.1"}, "value"),
        ({"value": "0.0000001"}, "value"),
        ({"low": "0"}, "low"),
        ({"part": "carbon_per_kwh", "low": "0.2"}, "value"),
        ({"provider": "openai", "model": "gpt-5"}, "provider"),
        ({"provider": "._."}, "provider"),
        ({"source": "Jane Doe"}, "source"),
        ({"source": "jane7@example.com"}, "source"),
        ({"source": "http://example.com/1"}, "source"),
        ({"source": "https://jane@example.com/1"}, "source"),
        ({"source": ""}, "source"),
    ],
)
async def test_a_bad_factor_is_refused_with_its_field(api: Api, change: dict[str, str], word: str) -> None:
    problem = await set_factors(api, factor(), factor(**change), status=400)
    assert "items[1]" in str(problem)
    assert word in str(problem)
    assert all(each["id"] is None for each in (await api.get("ownership/factors"))["items"])
