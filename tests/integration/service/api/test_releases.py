"""/api/v1/releases."""

from typing import Any

import pytest

from tests.integration.service.api.conftest import DAY, REPOSITORY, Api


def release(tag: str, released_at: str, *numbers: int, **values: Any) -> dict[str, Any]:
    basis = {"forge": "github", "repository": REPOSITORY, "tag": tag, "state": "published", "released_at": released_at}
    return {**basis, "pull_requests": list(numbers), **values}


FIRST = release("v1.0", f"{DAY}T16:00:00Z", 1, 5)
SECOND = release("v1.1", f"{DAY}T20:00:00Z", 1, 2, 5, commit="ab" * 20)


async def test_a_release_costs_what_it_shipped_first(company: Api) -> None:
    assert await company.post("releases", {"items": [SECOND, FIRST]}) == {"received": 2, "changed": 2}
    second, first = (await company.get("releases", repository=REPOSITORY))["items"]
    assert (first["pull_requests"], first["tokens"]["total"]) == (2, 200)
    assert (second["pull_requests"], second["tokens"]["total"]) == (1, 400)
    assert (second["state"], second["released_at"], second["team"]) == ("published", f"{DAY}T20:00:00Z", "default")
    assert second["cost_usd"] == second["by_model"][0]["cost_usd"] != "0.00"
    assert second["evidence"]["branch"] == 1
    (pull_request,) = (await company.get("attributions", repository=REPOSITORY, number=2))["items"]
    detail = await company.get(f"releases/{second['artifact_id']}")
    assert detail == {**second, "pull_request_ids": [pull_request["artifact_id"]]}


async def test_the_same_bulk_again_changes_nothing(company: Api) -> None:
    await company.post("releases", {"items": [FIRST, SECOND]})
    before = await company.get("releases")
    assert await company.post("releases", {"items": [FIRST, SECOND]}) == {"received": 2, "changed": 0}
    assert await company.get("releases") == before


async def test_without_a_list_a_release_ships_what_was_merged_since_the_one_before(company: Api) -> None:
    items = [{name: value for name, value in told.items() if name != "pull_requests"} for told in (FIRST, SECOND)]
    await company.post("releases", {"items": items})
    second, first = (await company.get("releases"))["items"]
    assert (first["pull_requests"], second["pull_requests"]) == (2, 1)
    assert (first["tokens"]["total"], second["tokens"]["total"]) == (200, 400)


async def test_a_release_is_found_by_its_tag(company: Api) -> None:
    await company.post("releases", {"items": [FIRST, SECOND]})
    (found,) = (await company.get("releases", repository=REPOSITORY, tag="v1.0"))["items"]
    assert found["tokens"]["total"] == 200
    assert (await company.get("releases", repository=REPOSITORY, tag="v9"))["items"] == []
    assert (await company.get("releases", repository="octo-org/other"))["items"] == []
    assert (await company.get("releases", 400, tag="v1.0"))["field"] == "repository"


async def test_a_walk_by_cursor_meets_every_release_once(company: Api) -> None:
    await company.post("releases", {"items": [FIRST, SECOND]})
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
    await company.post("releases", {"items": [FIRST]})
    (found,) = (await company.get("releases"))["items"]
    assert (await other_api.get("releases"))["items"] == []
    assert (await other_api.get(f"releases/{found['artifact_id']}", 404))["field"] == "artifact_id"
