"""Turning labels on fetches the names of what was stored without them."""

from typing import Any

from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.histories import make_repository

PATH = "/api/v1/labels"


async def _switch(backfills: Backfills, *, enabled: bool) -> Any:
    answer = await backfills.client.put(PATH, json={"enabled": enabled}, headers=backfills.organization.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_labels_on_fetches_the_names_from_the_forge(
    backfills: Backfills, github_server: tuple[FakeGithub, str]
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=60)
    fake.repositories = {shop.path: shop}
    await backfills.connect("github", url)
    await backfills.run()
    switched = await _switch(backfills, enabled=True)
    assert switched["pull_requests"] == {"total": 60, "labelled": 0}
    assert "shipledger labels status" in switched["next_step"]
    assert await _switch(backfills, enabled=True) == switched, "the same backfill goes on"
    (backfill,) = switched["backfills"]
    await backfills.finish({"id": backfill})
    after = (await backfills.client.get(PATH, headers=backfills.organization.headers)).json()
    for kind in ("repositories", "pull_requests", "releases"):
        assert after[kind]["labelled"] == after[kind]["total"] > 0
    assert (after["backfills"], after["next_step"]) == ([], None)


async def test_without_anything_stored_nothing_is_fetched(
    backfills: Backfills, github_server: tuple[FakeGithub, str]
) -> None:
    await backfills.connect("github", github_server[1])
    assert (await _switch(backfills, enabled=True))["backfills"] == []
