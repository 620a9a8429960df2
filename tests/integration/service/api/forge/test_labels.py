"""/api/v1/labels: names are stored while labels are on, and only then."""

from typing import Any

import pytest

from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, pull_request

RELEASE = {
    "forge": "github",
    "repository": REPOSITORY,
    "tag": "v1.0",
    "state": "published",
    "released_at": f"{DAY}T20:00:00Z",
    "pull_requests": [1],
}
MERGED = pull_request(1, state="merged", merged_at=f"{DAY}T15:00:00Z")


async def put(api: Api, body: Any, status: int = 200) -> Any:
    answer = await api.client.put("/api/v1/labels", json=body, headers=api.organization.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def report(api: Api) -> None:
    await api.import_items("pull-requests", MERGED)
    await api.import_items("releases", RELEASE)


async def shown_labels(api: Api) -> set[str | None]:
    items = [*(await api.get("attributions"))["items"], *(await api.get("releases"))["items"]]
    return {item["label"] for item in items}


def counts(labelled: int) -> dict[str, Any]:
    kinds = ("repositories", "pull_requests", "releases")
    return {kind: {"total": 1, "labelled": labelled} for kind in kinds} | {"backfills": [], "next_step": None}


async def test_with_labels_pull_requests_releases_and_repositories_bear_their_names(api: Api) -> None:
    await put(api, {"enabled": True})
    await report(api)
    assert await shown_labels(api) == {"octo-org/octo-repo#1", "octo-org/octo-repo@v1.0"}
    rows = await api.get("metrics/tokens-per-pr", group_by="repository", **{"from": DAY, "to": DAY})
    assert [row["repository"] for row in rows["items"]] == [REPOSITORY]
    assert await api.get("labels") == {"enabled": True, **counts(1)}
    (release,) = (await api.get("releases"))["items"]
    detail = await api.get(f"releases/{release['artifact_id']}")
    assert [(each["label"], each["reverted"]) for each in detail["shipped"]] == [("octo-org/octo-repo#1", False)]
    assert [each["artifact_id"] for each in detail["shipped"]] == detail["pull_request_ids"]


async def test_what_was_reported_before_gets_its_name_when_it_is_reported_again(api: Api) -> None:
    await report(api)
    assert await shown_labels(api) == {None}
    switched = await put(api, {"enabled": True})
    assert "shipledger import git PATH" in switched["next_step"]
    assert switched == {"enabled": True, **counts(0), "next_step": switched["next_step"]}
    await report(api)
    assert await api.get("labels") == {"enabled": True, **counts(1)}
    assert await shown_labels(api) == {"octo-org/octo-repo#1", "octo-org/octo-repo@v1.0"}


async def test_turning_labels_off_deletes_every_name(api: Api) -> None:
    await put(api, {"enabled": True})
    await report(api)
    assert await put(api, {"enabled": False}) == {"enabled": False, **counts(0)}
    assert await shown_labels(api) == {None}
    await report(api)
    assert await api.get("labels") == {"enabled": False, **counts(0)}


async def test_one_organization_does_not_switch_anothers_labels(api: Api, other_api: Api) -> None:
    await put(api, {"enabled": True})
    assert (await other_api.get("labels"))["enabled"] is False


@pytest.mark.parametrize("body", [{}, {"enabled": "yes"}, {"enabled": True, "names": True}])
async def test_a_switch_that_is_not_understood_is_refused(api: Api, body: Any) -> None:
    await put(api, body, 400)
    assert (await api.get("labels"))["enabled"] is False
