"""GET /api/v1/metrics/percentiles."""

from collections.abc import Awaitable, Callable
from statistics import quantiles

import pytest

from service.queries.ledger.percentiles import percentiles
from tests.integration.service.api.conftest import DAY, Api, pull_request, token_event

Drain = Callable[[], Awaitable[None]]
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


async def test_percentiles_are_over_linked_pull_requests_alone(api: Api, drain: Drain) -> None:
    numbers = range(1, 41)
    await api.import_items("pull-requests", *(
        pull_request(number, state="merged", head_branch=f"b{number}", merged_at=f"{DAY}T15:00:00Z")
        for number in (*numbers, 99)
    ))  # fmt: skip
    events = [token_event(f"e{number}", f"b{number}", 100 * number) for number in numbers]
    await api.post("token-events", {"items": events})
    await drain()
    answer = await api.get("metrics/percentiles", **NOVEMBER)
    spread = answer["pull_requests"]
    assert (spread["number"], spread["withheld_reason"]) == (40, None), "one has no tokens"
    tenths = quantiles([200 * number for number in numbers], n=20, method="inclusive")
    expected = [tenths[place] for place in (1, 4, 9, 14, 17)]
    assert list(spread["tokens"].values()) == pytest.approx(expected)
    assert list(spread["cost_usd"]) == ["p10", "p25", "p50", "p75", "p90"]
    assert (answer["teams"]["number"], answer["teams"]["tokens"]) == (1, None)
    assert answer["teams"]["withheld_reason"] == "fewer than 5 teams"


async def test_percentiles_of_many_pull_requests_are_exact_to_a_percent(
    api: Api, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(1, 31)
    await api.import_items("pull-requests", *(
        pull_request(number, state="merged", head_branch=f"b{number}", merged_at=f"{DAY}T15:00:00Z")
        for number in numbers
    ))  # fmt: skip
    events = [token_event(f"e{number}", f"b{number}", 1_000 * number) for number in numbers]
    await api.post("token-events", {"items": events})
    await drain()
    exact = (await api.get("metrics/percentiles", **NOVEMBER))["pull_requests"]
    monkeypatch.setattr("service.queries.ledger.percentiles.EXACT", 10)
    stepped = (await api.get("metrics/percentiles", **NOVEMBER))["pull_requests"]
    assert stepped["number"] == exact["number"] == 30
    # Between two pull requests the exact percentile is interpolated.
    for name, tokens in exact["tokens"].items():
        assert stepped["tokens"][name] == pytest.approx(tokens, rel=0.01, abs=2_000)
        assert float(stepped["cost_usd"][name]) == pytest.approx(float(exact["cost_usd"][name]), rel=0.3)
    assert stepped["tokens"] != exact["tokens"]


async def test_few_pull_requests_are_withheld(company: Api) -> None:
    spread = (await company.get("metrics/percentiles", **NOVEMBER))["pull_requests"]
    assert (spread["tokens"], spread["withheld_reason"]) == (None, "fewer than 20 pull requests")


def test_percentiles_are_interpolated() -> None:
    assert percentiles([3.0]) == [3.0] * 5
    assert percentiles([0.0, 10.0]) == pytest.approx([1.0, 2.5, 5.0, 7.5, 9.0])
