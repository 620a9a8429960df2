"""/api/v1/releases."""

import itertools
from typing import Any

import pytest

from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, outcomes, pull_request, token_event


def release(tag: str, released_at: str, *numbers: int, **values: Any) -> dict[str, Any]:
    basis = {"forge": "github", "repository": REPOSITORY, "tag": tag, "state": "published", "released_at": released_at}
    return {
        key: value for key, value in {**basis, "pull_requests": list(numbers), **values}.items() if value is not None
    }


FIRST = release("v1.0", f"{DAY}T16:00:00Z", 1, 5)
SECOND = release("v1.1", f"{DAY}T20:00:00Z", 1, 2, 5, commit="ab" * 20)


async def test_a_release_costs_what_it_shipped_first(company: Api) -> None:
    assert outcomes(await company.import_items("releases", SECOND, FIRST)) == ["new", "new"]
    second, first = (await company.get("releases", repository=REPOSITORY))["items"]
    assert (first["pull_requests"], first["tokens"]["total"]) == (2, 200)
    assert (second["pull_requests"], second["tokens"]["total"]) == (1, 400)
    assert (second["state"], second["released_at"], second["team"]) == ("published", f"{DAY}T20:00:00Z", "default")
    assert second["cost_usd"] == second["by_model"][0]["cost_usd"] != "0.00"
    assert second["evidence"]["branch"] == 1
    (pull_request,) = (await company.get("attributions", repository=REPOSITORY, number=2))["items"]
    detail = await company.get(f"releases/{second['artifact_id']}")
    ids = {"pull_request_ids": [pull_request["artifact_id"]], "reverted_pull_request_ids": []}
    shipped = [{"artifact_id": pull_request["artifact_id"], "label": None, "reverted": False}]
    assert detail == {**second, **ids, "shipped": shipped}


async def test_reverted_pull_requests_are_shown_separately(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND)
    back = pull_request(
        6, state="merged", opened_at=f"{DAY}T19:00:00Z", merged_at=f"{DAY}T19:30:00Z", reverts=[2], changed_lines=9
    )
    await company.import_items("pull-requests", back)
    second, first = (await company.get("releases"))["items"]
    assert (second["pull_requests"], second["tokens"]["total"]) == (0, 0)
    assert (second["reverted"]["pull_requests"], second["reverted"]["tokens"]["total"]) == (1, 400)
    assert second["cost_usd"] == "0.00" != second["reverted"]["cost_usd"]
    assert (first["pull_requests"], first["reverted"]["pull_requests"]) == (2, 0)
    detail = await company.get(f"releases/{second['artifact_id']}")
    (reverted,) = (await company.get("attributions", repository=REPOSITORY, number=2))["items"]
    assert (detail["pull_request_ids"], detail["reverted_pull_request_ids"]) == ([], [reverted["artifact_id"]])


async def test_outcomes_of_what_was_shipped_are_summed(company: Api) -> None:
    sized = pull_request(
        2,
        state="merged",
        merged_at=f"{DAY}T18:00:00Z",
        updated_at=f"{DAY}T18:30:00Z",
        changed_lines=30,
        changed_files=2,
        reviews=[f"{DAY}T10:00:00Z", f"{DAY}T11:00:00Z", f"{DAY}T23:00:00Z"],
    )
    await company.import_items("pull-requests", sized)
    await company.import_items("releases", FIRST, SECOND)
    second, first = (await company.get("releases"))["items"]
    nothing = dict.fromkeys(("pushes_after_opening", "review_rounds", "sized", "changed_lines", "changed_files"), 0)
    assert first["outcomes"] == nothing
    assert second["outcomes"] == {**nothing, "review_rounds": 1, "sized": 1, "changed_lines": 30, "changed_files": 2}


async def test_a_release_shows_tokens_by_team_and_withholds_small_teams(company: Api, drain: Any) -> None:
    for team, size in (("large", 12), ("small", 2)):
        await company.post("teams", {"name": team, "size": size}, 201)
    events = [
        token_event(team, "two", tokens, occurred_at=f"{DAY}T13:00:00Z", team=team)
        for team, tokens in (("large", 1000), ("small", 30))
    ]
    await company.post("token-events", {"items": events})
    await drain()
    await company.import_items("releases", FIRST, SECOND)
    second, first = (await company.get("releases"))["items"]
    assert second["tokens"]["total"] == 2460
    assert [(row["team"], row["tokens"] and row["tokens"]["total"]) for row in second["by_team"]] == [
        ("large", 2000),
        ("default", None),
        ("small", None),
    ]
    assert all(row["withheld_reason"] for row in second["by_team"][1:])
    (alone,) = first["by_team"]
    assert (alone["team"], alone["tokens"], alone["withheld_reason"]) == ("default", first["tokens"], None)


async def test_each_family_of_a_repository_counts_from_its_own_release(company: Api) -> None:
    items = [
        release(tag, at, pull_requests=None)
        for tag, at in (
            ("@scope/pkg@1.0.0", f"{DAY}T16:00:00Z"),
            ("other/v2.0.0", f"{DAY}T20:00:00Z"),
            ("@scope/pkg@1.1.0-rc.1", f"{DAY}T21:00:00Z"),
            ("@scope/pkg@1.1.0", f"{DAY}T22:00:00Z"),
        )
    ]
    await company.import_items("releases", *items)
    found = (await company.get("releases"))["items"]
    assert [each["pull_requests"] for each in reversed(found)] == [2, 3, 1, 0]


async def test_a_release_of_a_package_says_whether_it_ships_by_the_packages_folder(company: Api) -> None:
    await company.import_items(
        "releases",
        release("@scope/pkg@1.0.0", f"{DAY}T16:00:00Z", pull_requests=[1], by_package_folder=True),
        release("@scope/other@1.0.0", f"{DAY}T17:00:00Z", pull_requests=None),
        release("v1.0.0", f"{DAY}T18:00:00Z", pull_requests=[1, 2], by_package_folder=True),
    )
    found = (await company.get("releases"))["items"]
    assert [each["by_package_folder"] for each in reversed(found)] == [True, False, None]


async def test_a_reported_branch_ships_what_was_merged_into_it(company: Api) -> None:
    hotfix = {"base_branch": "1.x", "state": "merged", "merged_at": f"{DAY}T17:00:00Z"}
    main = {"base_branch": "main", "state": "merged", "merged_at": f"{DAY}T17:30:00Z"}
    await company.import_items("pull-requests", pull_request(11, **hotfix), pull_request(12, **main))
    items = [
        release("v1.1.1", f"{DAY}T18:30:00Z", pull_requests=None, branch="1.x"),
        release("v2.0.0", f"{DAY}T16:30:00Z", pull_requests=None, branch="main"),
        release("v2.1.0", f"{DAY}T19:30:00Z", pull_requests=None, branch="main"),
    ]
    await company.import_items("releases", *items)
    newer, fix, older = [
        (await company.get(f"releases/{each['artifact_id']}"))["pull_request_ids"]
        for each in (await company.get("releases"))["items"]
    ]
    ids = {
        number: (await company.get("attributions", repository=REPOSITORY, number=number))["items"][0]["artifact_id"]
        for number in (11, 12)
    }
    assert fix == [ids[11]]
    assert ids[12] in newer
    assert not set(ids.values()) & set(older)


async def test_a_patch_within_days_marks_what_it_follows(company: Api) -> None:
    patch = release("v1.0.1", "2026-11-21T09:00:00Z")
    await company.import_items("releases", patch, FIRST)
    later, first = (await company.get("releases"))["items"]
    assert (first["fix_released_at"], later["fix_released_at"]) == ("2026-11-21T09:00:00Z", None)
    await company.import_items("releases", {**patch, "state": "deleted", "updated_at": "2026-11-22T09:00:00Z"})
    (first,) = [each for each in (await company.get("releases"))["items"] if each["state"] != "deleted"]
    assert first["fix_released_at"] is None


async def test_the_same_bulk_again_changes_nothing(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND)
    before = await company.get("releases")
    assert outcomes(await company.import_items("releases", FIRST, SECOND)) == ["same", "same"]
    assert await company.get("releases") == before


async def test_without_a_list_a_release_ships_what_was_merged_since_the_one_before(company: Api) -> None:
    items = [
        {name: value for name, value in reported.items() if name != "pull_requests"} for reported in (FIRST, SECOND)
    ]
    await company.import_items("releases", *items)
    second, first = (await company.get("releases"))["items"]
    assert (first["pull_requests"], second["pull_requests"]) == (2, 1)
    assert (first["tokens"]["total"], second["tokens"]["total"]) == (200, 400)


async def test_a_release_is_found_by_its_tag(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND)
    (found,) = (await company.get("releases", repository=REPOSITORY, tag="v1.0"))["items"]
    assert found["tokens"]["total"] == 200
    assert (await company.get("releases", repository=REPOSITORY, tag="v9"))["items"] == []
    assert (await company.get("releases", repository="octo-org/other"))["items"] == []
    assert (await company.get("releases", 400, tag="v1.0"))["field"] == "repository"


async def test_an_unknown_tag_says_whether_its_repository_is_known(company: Api) -> None:
    await company.import_items("releases", FIRST)
    known = await company.get("releases", repository=REPOSITORY, tag="v9")
    assert known["explanation"] == f"The repository {REPOSITORY} is known, but it has no release v9."
    unknown = await company.get("releases", repository="octo-org/other", tag="v1.0")
    assert unknown["explanation"].startswith("The repository github.com/octo-org/other is unknown.")
    assert (await company.get("releases", repository=REPOSITORY, tag="v1.0"))["explanation"] is None


async def test_a_walk_by_cursor_meets_every_release_once(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND)
    first = await company.get("releases", limit=1)
    second = await company.get("releases", limit=1, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    assert [*first["items"], *second["items"]] == (await company.get("releases"))["items"]


@pytest.mark.parametrize(
    ("change", "field"), [({"state": "final"}, "items[0].state"), ({"repository": "x"}, "items[0].repository")]
)
async def test_a_bad_item_is_named(api: Api, change: dict[str, Any], field: str) -> None:
    assert (await api.post("releases", {"items": [{**FIRST, **change}]}, 400))["field"] == field


async def test_an_organization_never_sees_anothers_releases(company: Api, other_api: Api) -> None:
    await company.import_items("releases", FIRST)
    (found,) = (await company.get("releases"))["items"]
    assert (await other_api.get("releases"))["items"] == []
    assert (await other_api.get(f"releases/{found['artifact_id']}", 404))["field"] == "artifact_id"


async def test_the_dearest_releases_come_first_in_pages(company: Api, drain: Any) -> None:
    await company.import_items("releases", FIRST, SECOND, release("v1.2", f"{DAY}T21:00:00Z", 1, 2, 5))
    await drain()
    newest = (await company.get("releases"))["items"]
    expected = sorted(newest, key=lambda item: float(item["cost_usd"]), reverse=True)
    assert len({item["cost_usd"] for item in expected}) == 3
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while len(found) < 3:
        answer = await company.get("releases", sort="cost", limit=1, **cursor)
        found += answer["items"]
        cursor = {"cursor": answer["next_cursor"]}
    assert found == expected
    assert "released, cost" in (await company.get("releases", 400, sort="name"))["detail"]


async def test_sums_of_releases_are_the_same_by_every_dimension(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND, release("pkg@1.0", f"{DAY}T22:00:00Z", 1, 2, 5))
    period = {"from": "2026-11-01", "to": "2026-11-30"}
    names = ("team", "repository", "model", "workflow", "evidence")
    for group_by in (*names, *(",".join(pair) for pair in itertools.combinations(names, 2))):
        for bucket in ("total", "day", "week", "month", "quarter"):
            sums = (await company.get("releases", group_by=group_by, bucket=bucket, **period))["sums"]["rows"]
            # Of two families that shipped the same, the first counts.
            assert sum(row["figures"]["tokens"]["total"] for row in sums) == 600, (group_by, bucket)
            assert {row["figures"]["releases"] for row in sums} == {3}
            assert {row["figures"]["pull_requests"] for row in sums} == {3}
            each = sum(row["figures"]["tokens_per_release"] for row in sums)
            assert each == pytest.approx(200), (group_by, bucket)


async def test_releases_are_selected_by_their_time_and_compared_with_an_earlier_period(company: Api) -> None:
    await company.import_items("releases", FIRST, SECOND)
    assert len((await company.get("releases", **{"from": f"{DAY}T18:00:00Z"}))["items"]) == 1
    assert (await company.get("releases", to="2026-11-17", sort="cost"))["items"] == []
    answer = await company.get("releases", **{"from": "2026-11-19", "to": "2026-11-25"}, compare="previous")
    assert answer["items"] == []
    assert answer["sums"]["compared_with"] == {"first_day": "2026-11-12", "last_day": DAY}
    (row,) = answer["sums"]["rows"]
    assert (row["figures"]["releases"], row["before"]["releases"], row["change"]["tokens"]) == (0, 2, -600)
    assert "sums" not in await company.get("releases")


async def test_sums_that_make_no_sense_are_refused(company: Api) -> None:
    problem = await company.get("releases", 400, group_by="feature")
    assert "team, repository, model, workflow, evidence" in problem["detail"]
    assert (await company.get("releases", 400, repository=REPOSITORY, tag="v1.0", bucket="day"))["field"] == "tag"
