"""GET /api/v1/ledger."""

from collections.abc import Awaitable, Callable

from schema.database import Database
from tests.integration.service.api.conftest import DAY, Api, token_event

PARTS = ("merged", "in_flight", "abandoned", "overhead", "pending")


async def test_every_token_is_somewhere(company: Api) -> None:
    ledger = await company.get("ledger", **{"from": "2000-01-01", "to": "2100-01-01"})
    assert ledger["received"]["total"] == 2000
    assert [ledger[part]["total"] for part in PARTS] == [600, 600, 800, 0, 0]
    assert ledger["received"]["input_uncached"] == ledger["received"]["output_visible"] == 1000
    assert set(ledger["difference"].values()) == {0, "0.00"}
    assert float(ledger["received"]["cost_usd"]) > 0


async def test_unfolded_tokens_are_pending(api: Api, drain: Callable[[], Awaitable[None]]) -> None:
    await api.post("token-events", {"items": [token_event("waiting", None, 50)]})
    ledger = await api.get("ledger")
    assert (ledger["received"]["total"], ledger["pending"]["total"], ledger["difference"]["total"]) == (100, 100, 0)
    await drain()
    assert (await api.get("ledger"))["pending"]["total"] == 0


async def test_a_rollup_row_that_goes_missing_shows_as_a_difference(company: Api, database: Database) -> None:
    organization_id = company.organization.organization_id
    async with database.organization(organization_id) as tenant:
        taken = await tenant.fetch(
            "DELETE FROM attribution_rollup WHERE organization_id = $1 AND model = 'claude-opus-4-1' RETURNING *"
        )
    assert taken
    ledger = await company.get("ledger")
    assert ledger["difference"]["total"] == 400
    assert ledger["difference"]["cost_usd"] != "0.00"
    async with database.organization(organization_id) as tenant:
        names = list(taken[0].keys())
        places = ", ".join(f"${index}" for index in range(1, len(names) + 1))
        for row in taken:
            await tenant.connection.execute(
                f"INSERT INTO attribution_rollup ({', '.join(names)}) VALUES ({places})", *row
            )
    assert (await company.get("ledger"))["difference"]["total"] == 0


async def test_a_period_counts_its_days_whole(company: Api) -> None:
    assert (await company.get("ledger", **{"from": DAY, "to": DAY}))["received"]["total"] == 2000
    assert (await company.get("ledger", **{"from": "2026-11-19"}))["received"]["total"] == 0
    ledger = await company.get("ledger", **{"from": f"{DAY}T23:00:00Z", "to": "2026-11-19T00:00:00Z"})
    assert (ledger["first_day"], ledger["last_day"], ledger["received"]["total"]) == (DAY, DAY, 2000)


async def test_a_team_sees_its_own_ledger(company: Api) -> None:
    await company.post("teams", {"name": "platform"}, 201)
    assert (await company.get("ledger", team="default"))["received"]["total"] == 2000
    assert (await company.get("ledger", team="platform"))["received"]["total"] == 0
    problem = await company.get("ledger", 404, team="nobody")
    assert problem["field"] == "team"


async def test_a_period_that_cannot_be_read_is_a_problem_that_says_how_to_write_it(api: Api) -> None:
    problem = await api.get("ledger", 400, **{"from": "yesterday"})
    assert (problem["field"], problem["status"]) == ("from", 400)
    assert "2026-11-22" in problem["detail"]
    assert (await api.get("ledger", 400, **{"from": DAY, "to": "2026-11-17"}))["field"] == "to"


async def test_another_organization_has_a_separate_ledger(company: Api, other_api: Api) -> None:
    assert (await other_api.get("ledger"))["received"]["total"] == 0
    assert (await company.get("ledger"))["received"]["total"] == 2000
