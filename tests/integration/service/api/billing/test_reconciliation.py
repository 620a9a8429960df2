"""GET /api/v1/reconciliation, and what bills make of the ledger and of coverage."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from tests.integration.service.api.billing.test_billing_charges import bill, charge
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, token_event

Drain = Callable[[], Awaitable[None]]
PARTS = ("merged", "in_flight", "abandoned", "overhead", "pending")

# What the company of the fixture used, and twice as much Opus output as telemetry saw; a tenth below list.
CHARGES = [
    charge(kind="input_uncached", tokens=800, list_cost="0.0024", billed_cost="0.00216"),
    charge(kind="output", tokens=800, list_cost="0.012", billed_cost="0.0108"),
    charge(model="claude-opus-4-1", kind="input_uncached", tokens=200, list_cost="0.003", billed_cost="0.0027"),
    charge(model="claude-opus-4-1", kind="output", tokens=400, list_cost="0.03", billed_cost="0.027"),
]
CREDIT = charge(kind="other", model="", tokens=0, category="credit", list_cost="0", billed_cost="-0.004266")


async def send(api: Api, drain: Drain, *charges: dict[str, Any], **values: Any) -> None:
    await api.post("billing-charges", {"items": [bill(*charges, **values)]})
    await drain()


def by_model(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["model"]: row for row in answer["items"]}


async def test_bills_stand_beside_what_telemetry_saw(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    answer = await company.get("reconciliation")
    rows = by_model(answer)
    opus = rows["claude-opus-4-1"]
    assert opus["telemetry"]["tokens"]["total"] == 400
    assert opus["bill"]["tokens"]["total"] == 600
    assert opus["coverage"] == 400 / 600
    assert (opus["telemetry"]["list_cost_usd"], opus["telemetry"]["effective_cost_usd"]) == ("0.018", "0.0162")
    assert (opus["attributed_cost_usd"], opus["unattributed_cost_usd"]) == ("0.0162", "0.0135")
    assert opus["unexplained_difference_usd"] == "0.0135"
    sonnet = rows["claude-sonnet-4-5"]
    assert (sonnet["coverage"], sonnet["unexplained_difference_usd"]) == (1, "0.00")
    assert answer["total"]["bill"]["billed_cost_usd"] == "0.04266"
    prices = {(row["model"], row["kind"]): row for row in answer["effective_prices"]}
    output = prices["claude-sonnet-4-5", "output"]
    assert (output["list_usd"], output["contracted_usd"], output["effective_usd"]) == ("15.00", "13.50", "13.50")


async def test_credits_lower_what_the_ledger_carries_and_not_the_price(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES, CREDIT)
    total = (await company.get("reconciliation", group_by="provider"))["total"]
    # The credit is a tenth of the bill, so that a tenth of what is carried goes, too.
    carried = Decimal("0.02916")
    assert Decimal(total["attributed_cost_usd"]) == carried - carried / 10
    assert total["bill"]["other_cost_usd"] == "-0.004266"
    assert total["telemetry"]["effective_cost_usd"] == "0.02916"


async def test_every_grouping_sums_to_the_same_money(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES, CREDIT, charge(first_day="2026-11-01", last_day="2026-11-30", tokens=7))
    answers = [await company.get("reconciliation", group_by=by) for by in ("day", "month", "provider", "model")]
    assert len({str(answer["total"]) for answer in answers}) == 1
    for answer in answers:
        for name in ("attributed_cost_usd", "unattributed_cost_usd", "unexplained_difference_usd"):
            assert sum(Decimal(row[name]) for row in answer["items"]) == Decimal(answer["total"][name])
    assert len(answers[0]["items"]) == 30
    assert answers[1]["items"][0]["month"] == "2026-11-01"


async def test_pages_of_days_make_the_whole(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES, charge(first_day="2026-11-01", last_day="2026-11-30", tokens=7))
    days: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await company.get("reconciliation", group_by="day", limit=7, **cursor)
        days += [row["day"] for row in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert days == [f"2026-11-{number:02}" for number in range(1, 31)]


async def test_the_ledger_costs_what_bills_say_and_nothing_is_lost(company: Api, drain: Drain) -> None:
    listed = await company.get("ledger")
    assert (listed["cost_kind"], listed["received"]["cost_usd"]) == ("list", "0.0324")
    before = await company.get("ledger", cost_kind="effective")
    assert before["received"]["cost_usd"] == "0.0324", "without a bill, effective is list"
    await send(company, drain, *CHARGES)
    for kind, received in (("effective", "0.02916"), ("billed", "0.02916"), ("list", "0.0324")):
        ledger = await company.get("ledger", cost_kind=kind)
        assert ledger["received"]["cost_usd"] == received
        assert ledger["difference"]["cost_usd"] == "0.00"
        assert sum(Decimal(ledger[part]["cost_usd"]) for part in PARTS) == Decimal(received)
        assert ledger["received"]["total"] == 2000
    assert (await company.get("ledger", cost_kind="effective", team="default"))["received"]["cost_usd"] == "0.02916"


async def test_pull_requests_and_metrics_cost_what_bills_say(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    for kind, costs in (
        ("list", ["0.0018", "0.018", "0.0054", "0.0072", "0.00"]),
        ("effective", ["0.00162", "0.0162", "0.00486", "0.00648", "0.00"]),
        ("billed", ["0.00162", "0.0162", "0.00486", "0.00648", "0.00"]),
    ):
        listed = await company.get("attributions", cost_kind=kind)
        assert sorted(row["cost_usd"] for row in listed["items"]) == sorted(costs)
        assert {row["tokens"]["total"] for row in listed["items"]} == {200, 400, 600, 800, 0}
        assert {row["cost_usd"] for row in listed["items"]} == {
            row["cost_usd"]
            for each in listed["items"]
            for row in (await company.get("attributions", artifact_id=each["artifact_id"], cost_kind=kind))["items"]
        }
        merged = Decimal(costs[0]) + Decimal(costs[1])
        for group in ("team", "model", "repository", "workflow", "evidence"):
            query = {"from": "2026-11-16", "to": "2026-11-22", "cost_kind": kind, "group_by": group}
            metrics = await company.get("metrics/tokens-per-pr", **query)
            assert sum(Decimal(row["cost_usd"]) for row in metrics["items"]) == merged
            assert sum(row["tokens"]["total"] for row in metrics["items"]) == 600


async def test_releases_cost_what_bills_say(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    reported = {
        "forge": "github",
        "repository": REPOSITORY,
        "tag": "v1.0.0",
        "state": "published",
        "released_at": "2026-11-20T00:00:00Z",
        "pull_requests": [1, 2],
    }
    await company.import_items("releases", reported)
    for kind, cost in (("list", "0.0198"), ("effective", "0.01782"), ("billed", "0.01782")):
        (release,) = (await company.get("releases", cost_kind=kind))["items"]
        assert (release["cost_usd"], release["tokens"]["total"]) == (cost, 600)
        assert (await company.get(f"releases/{release['artifact_id']}", cost_kind=kind))["cost_usd"] == cost


async def test_later_tokens_are_priced_when_settled(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    later = token_event("later", "one", 100, occurred_at="2026-11-19T10:00:00Z")
    await company.post("token-events", {"items": [later, token_event("same day", "one", 100)]})
    await drain()
    ledger = await company.get("ledger", cost_kind="effective")
    # 100 tokens of input at 2.70 and of output at 13.50 a million, twice; the price holds on the next day, too.
    assert Decimal(ledger["received"]["cost_usd"]) == Decimal("0.02916") + 2 * Decimal("0.00162")
    billed = await company.get("ledger", cost_kind="billed")
    assert billed["received"]["cost_usd"] == "0.02916", "no more than what was billed"


async def test_a_corrected_bill_reprices_the_ledger(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    halved = [{**each, "billed_cost": str(Decimal(each["billed_cost"]) / 2)} for each in CHARGES]
    await send(company, drain, *halved)
    assert (await company.get("ledger", cost_kind="effective"))["received"]["cost_usd"] == "0.01458"
    await send(company, drain)
    answer = await company.get("reconciliation")
    assert answer["total"]["bill"]["tokens"]["total"] == 0
    assert answer["effective_prices"] == []
    assert (await company.get("ledger", cost_kind="billed"))["received"]["cost_usd"] == "0.00"


async def test_coverage_shows_the_share_of_billed_tokens_seen_by_telemetry(company: Api, drain: Drain) -> None:
    assert (await company.get("coverage"))["billed_share"] is None
    await send(company, drain, *CHARGES)
    coverage = await company.get("coverage")
    assert (coverage["billed_tokens"], coverage["billed_share"]) == (2200, 2000 / 2200)
    assert (await company.get("coverage", team="default"))["billed_share"] is None


async def test_a_currency_of_unknown_worth_is_named_and_counts_nowhere(company: Api, drain: Drain) -> None:
    await send(company, drain, *(each | {"currency": "SEK"} for each in CHARGES))
    answer = await company.get("reconciliation")
    assert answer["unconverted_currencies"] == ["SEK"]
    assert answer["total"]["bill"]["billed_cost_usd"] == "0.00"
    await send(company, drain, *(each | {"currency": "SEK", "exchange_rate": "0.1"} for each in CHARGES))
    answer = await company.get("reconciliation")
    assert (answer["unconverted_currencies"], answer["total"]["bill"]["billed_cost_usd"]) == ([], "0.004266")


async def test_the_overhead_multiplier_is_shown_apart_and_mixed_into_nothing(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    plain = await company.get("ledger", cost_kind="billed")
    assert plain["overhead_multiplier"] is None
    answer = await company.client.put(
        "/api/v1/overhead-multiplier",
        json={"orchestration": "0.1", "power": "0.025"},
        headers=company.organization.headers,
    )
    assert answer.status_code == 200, answer.text
    ledger = await company.get("ledger", cost_kind="billed")
    assert ledger["overhead_multiplier"] == {
        "orchestration": "0.1",
        "observability": "0",
        "power": "0.025",
        "total": "0.125",
        "cost_usd": "0.003645",
    }
    assert ledger | {"overhead_multiplier": None} == plain
    assert (await company.get("reconciliation"))["overhead_multiplier"]["cost_usd"] == "0.003645"
    assert (await company.get("overhead-multiplier"))["cost_usd"] == "0.125"
    refused = await company.client.put(
        "/api/v1/overhead-multiplier", json={"power": "-1"}, headers=company.organization.headers
    )
    assert refused.status_code == 400


async def test_a_period_is_of_its_days(company: Api, drain: Drain) -> None:
    await send(company, drain, *CHARGES)
    assert (await company.get("reconciliation", **{"from": DAY, "to": DAY}))["total"]["covered_tokens"] == 2000
    assert (await company.get("reconciliation", **{"from": "2026-11-19"}))["items"] == []


async def test_another_organization_and_a_pinned_key_see_no_reconciliation(
    company: Api, other_api: Api, drain: Drain
) -> None:
    await send(company, drain, *CHARGES)
    answer = await other_api.get("reconciliation")
    assert (answer["items"], answer["effective_prices"]) == ([], [])
    await company.post("teams", {"name": "platform"}, 201)
    key = await company.post("keys", {"name": "pinned", "scopes": ["read"], "team": "platform"}, 201)
    pinned = await company.client.get("/api/v1/reconciliation", headers={"Authorization": f"Bearer {key['key']}"})
    assert pinned.status_code == 403
