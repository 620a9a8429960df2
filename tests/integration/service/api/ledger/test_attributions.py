"""GET /api/v1/attributions."""

from typing import Any

import pytest

from schema.identifiers import artifact_text, parse_repository
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, pull_request

UNKNOWN_REPOSITORY = (
    "The repository github.com/octo-org/other is unknown. Connect its forge, or import a clone of it with: "
    "shipledger import git PATH"
)


async def one(api: Api, **query: Any) -> dict[str, Any]:
    (item,) = (await api.get("attributions", **query))["items"]
    return item


async def test_a_pull_request_shows_its_tokens_by_model_and_evidence(company: Api) -> None:
    item = await one(company, forge="github", repository=REPOSITORY, number=2)
    assert item["tokens"] == {
        "input_uncached": 200,
        "cache_read": 0,
        "cache_write": 0,
        "output_visible": 200,
        "output_reasoning": 0,
        "total": 400,
    }
    assert (item["forge"], item["state"], item["team"]) == ("github", "merged", "default")
    assert item["merged_at"] == f"{DAY}T18:00:00Z"
    assert item["label"] is None
    assert (item["interval"]["low"], item["interval"]["coverage"]) == (392, 0.8), "2 % of links may be wrong"
    assert 400 <= item["interval"]["high"] <= 410, "all of it is linked, and 2 % of links may be missing"
    assert item["reliable"] is True
    assert [(share["model"], share["tokens"]["total"]) for share in item["by_model"]] == [("claude-opus-4-1", 400)]
    assert item["evidence"] == {"artifact": 0.0, "commit": 0.0, "branch": 1.0, "repository": 0.0, "cohort": 0.0}
    assert item["cost_usd"] == item["by_model"][0]["cost_usd"] != "0.00"
    assert item["method"] == "fitted-activity-3"
    assert await one(company, artifact_id=item["artifact_id"]) == item


async def test_a_merged_pull_request_of_which_nothing_was_spent_is_there(company: Api) -> None:
    item = await one(company, repository="octo-org/octo-repo", number=5)
    assert (item["tokens"]["total"], item["cost_usd"], item["by_model"], item["method"]) == (0, "0.00", [], None)
    assert set(item["evidence"].values()) == {0.0}


async def test_merges_of_a_team_in_a_span_are_found(company: Api) -> None:
    found = await company.get("attributions", team="default", merged_from=DAY, merged_to=DAY)
    assert [item["tokens"]["total"] for item in found["items"]] in ([200, 400], [400, 200])
    before = await company.get("attributions", merged_to="2026-11-18T15:00:00Z")
    assert [item["tokens"]["total"] for item in before["items"]] == [0]
    assert (await company.get("attributions", team="default", merged_from="2026-11-19"))["items"] == []


async def test_a_walk_by_cursor_meets_everything_once(company: Api) -> None:
    seen, cursor = [], None
    while True:
        page = await company.get("attributions", limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) <= 2
        seen += [item["artifact_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == [item["artifact_id"] for item in (await company.get("attributions"))["items"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"number": 1}, "repository"),
        ({"repository": "nothing"}, "repository"),
        ({"artifact_id": "a1_12"}, "artifact_id"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"forge": "cvs", "repository": REPOSITORY}, "forge"),
        ({"forge": "gitlab"}, "repository"),
        ({"forge": "gitlab", "repository": REPOSITORY}, "forge"),
        ({"merged_from": "2026-13-01"}, "merged_from"),
        ({"merged_from": "2026-11-20", "merged_to": "2026-11-18T00:00:00Z"}, "merged_to"),
    ],
)
async def test_a_bad_parameter_is_named(api: Api, query: dict[str, Any], field: str) -> None:
    problem = await api.get("attributions", 400, **query)
    assert problem["field"] == field
    assert problem["detail"].startswith(field)


async def test_what_is_not_known_is_an_empty_list(company: Api) -> None:
    assert await company.get("attributions", repository="octo-org/other") == {
        "items": [],
        "next_cursor": None,
        "explanation": UNKNOWN_REPOSITORY,
    }
    assert (await company.get("attributions", repository=REPOSITORY, number=99))["items"] == []
    assert (await company.get("attributions", artifact_id="a1_" + "0" * 64))["items"] == []


async def test_an_unknown_pull_request_says_whether_its_repository_is_known(company: Api) -> None:
    known = f"The repository {REPOSITORY} is known, but it has no pull request 99."
    for query in ({"number": 99}, {"number": 99, "cost_kind": "billed"}):
        assert (await company.get("attributions", repository=REPOSITORY, **query))["explanation"] == known
        other = await company.get("attributions", repository="octo-org/other", **query)
        assert (other["items"], other["explanation"]) == ([], UNKNOWN_REPOSITORY)
    by_id = await company.get("attributions", artifact_id="a1_" + "0" * 64)
    assert by_id["explanation"] == "No pull request that this key may read has this id."
    assert (await company.get("attributions", repository=REPOSITORY, number=1))["explanation"] is None


async def test_an_organization_never_sees_anothers_pull_requests(company: Api, other_api: Api) -> None:
    await other_api.import_items("pull-requests", pull_request(1, state="open"))
    (mine,) = (await other_api.get("attributions"))["items"]
    theirs = await one(company, repository=REPOSITORY, number=1)
    assert mine["artifact_id"] != theirs["artifact_id"]
    assert (await other_api.get("attributions", artifact_id=theirs["artifact_id"]))["items"] == []
    assert (await one(other_api, repository=REPOSITORY, number=1))["tokens"]["total"] == 0


async def test_an_artifact_id_can_be_computed_from_the_name(company: Api) -> None:
    hasher = company.organization.hasher
    anchor = hasher.repository_by_name(parse_repository(REPOSITORY))
    item = await one(company, repository=REPOSITORY, number=1)
    assert item["artifact_id"] == artifact_text(hasher.pull_request(anchor, 1))


async def test_the_dearest_pull_requests_come_first_in_pages(company: Api) -> None:
    everything = (await company.get("attributions"))["items"]
    expected = sorted(everything, key=lambda item: float(item["cost_usd"]), reverse=True)
    for kind in ("list", "effective"):
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await company.get("attributions", sort="cost", cost_kind=kind, limit=2, **cursor)
            found += answer["items"]
            if answer["next_cursor"] is None:
                break
            cursor = {"cursor": answer["next_cursor"]}
        assert [item["cost_usd"] for item in found] == [item["cost_usd"] for item in expected]
        assert {item["artifact_id"] for item in found} == {item["artifact_id"] for item in everything}


async def test_the_dearest_are_of_a_team_repository_and_period(company: Api, drain: Any) -> None:
    await company.post("teams", {"name": "blue", "repositories": [REPOSITORY]}, 201)
    await drain()
    everything = (await company.get("attributions"))["items"]
    assert {item["team"] for item in everything} == {"blue"}, "the repository has a team now"
    merged = [item for item in everything if item["merged_at"]]
    queries: list[tuple[dict[str, str], list[dict[str, Any]]]] = [
        ({"team": "blue"}, everything),
        ({"team": "default"}, []),
        ({"repository": REPOSITORY}, everything),
        ({"state": "merged"}, merged),
        ({"merged_from": "2026-11-01", "merged_to": "2026-11-30"}, merged),
        ({"merged_from": "2026-12-01"}, []),
        ({"artifact_id": everything[0]["artifact_id"]}, everything[:1]),
    ]
    for query, expected in queries:
        found = (await company.get("attributions", sort="cost", **query))["items"]
        assert sorted(item["artifact_id"] for item in found) == sorted(item["artifact_id"] for item in expected), query


async def test_an_open_pull_request_costs_what_was_spent_on_it_so_far(company: Api) -> None:
    items = (await company.get("attributions", state="open", sort="cost"))["items"]
    ledger = await company.get("ledger")
    assert [item["state"] for item in items] == ["open"]
    assert items[0]["cost_usd"] == ledger["in_flight"]["cost_usd"] != "0.00"
    assert "open, merged, abandoned" in (await company.get("attributions", 400, state="closed"))["detail"]
    wrong = (await company.get("attributions", limit=1))["next_cursor"]
    assert (await company.get("attributions", 400, sort="cost", cursor=wrong))["field"] == "cursor"
