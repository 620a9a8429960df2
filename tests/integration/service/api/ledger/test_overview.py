"""GET /api/v1/overview: what was spent, what it shipped, and the dearest pull request."""

from tests.integration.service.api.conftest import DAY, REPOSITORY, Api


async def test_the_sums_are_those_of_the_ledger(company: Api) -> None:
    shown, ledger = await company.get("overview"), await company.get("ledger")
    assert {part: shown[part] for part in ("received", "merged", "pending")} == {
        part: ledger[part] for part in ("received", "merged", "pending")
    }


async def test_merged_pull_requests_with_tokens_are_counted_and_the_dearest_is_named(company: Api) -> None:
    shown = await company.get("overview")
    (second,) = (await company.get("attributions", repository=REPOSITORY, number=2))["items"]
    assert (shown["merged_pull_requests"], shown["known_pull_requests"]) == (2, 5)
    assert shown["dearest"] == {
        "artifact_id": second["artifact_id"],
        "label": None,
        "cost_usd": second["cost_usd"],
    }


async def test_a_period_and_a_team_limit_it(company: Api) -> None:
    before = await company.get("overview", to="2026-11-17")
    assert (before["received"]["total"], before["merged_pull_requests"], before["dearest"]) == (0, 0, None)
    same = await company.get("overview", team="default", **{"from": DAY, "to": DAY})
    assert (same["team"], same["merged_pull_requests"]) == ("default", 2)
    assert (await company.get("overview", 404, team="nobody"))["field"] == "team"


async def test_nothing_is_seen_of_another_organization(
    company: Api,  # noqa: ARG001 - only its data is wanted
    other_api: Api,
) -> None:
    shown = await other_api.get("overview")
    assert (shown["received"]["total"], shown["known_pull_requests"], shown["dearest"]) == (0, 0, None)
