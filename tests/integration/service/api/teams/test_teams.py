"""/api/v1/teams."""

from collections.abc import Awaitable, Callable

import pytest

from schema.identifiers import artifact_text, parse_repository
from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event


async def test_a_first_run_has_its_default_team(api: Api) -> None:
    (team,) = (await api.get("teams"))["items"]
    assert (team["name"], team["size"], team["is_default"]) == ("default", None, True)


async def test_a_team_sent_again_keeps_omitted_fields(api: Api) -> None:
    reported = {"name": "platform", "size": 7, "telemetry_ids": ["team-7"], "repositories": [REPOSITORY]}
    made = await api.save_team(reported, 201)
    hasher = api.organization.hasher
    anchor = artifact_text(hasher.repository_by_name(parse_repository(REPOSITORY)))
    assert made == {
        "id": made["id"],
        "name": "platform",
        "size": 7,
        "size_counted": False,
        "is_default": False,
        "telemetry_ids": ["team-7"],
        "repositories": [anchor],
        "code_owners": 0,
        "removed_at": None,
    }
    assert await api.save_team(reported) == made
    assert await api.save_team({"name": "platform", "size": 8}) == {**made, "size": 8}
    assert len((await api.get("teams"))["items"]) == 2


async def test_telemetry_and_repositories_move_to_the_latest_team(api: Api) -> None:
    reported = {"telemetry_ids": ["shared"], "repositories": [REPOSITORY]}
    await api.save_team({"name": "one", **reported}, 201)
    await api.save_team({"name": "two", **reported}, 201)
    _, one, two = (await api.get("teams"))["items"]
    assert (one["telemetry_ids"], one["repositories"]) == ([], [])
    assert (two["telemetry_ids"], len(two["repositories"])) == (["shared"], 1)
    await api.post("token-events", {"items": [token_event("one", None, 10, team="shared")]})
    assert (await api.get("ledger", team="two"))["received"]["total"] == 20
    assert (await api.get("ledger", team="shared"))["received"]["total"] == 20


async def test_pull_requests_follow_their_repository_and_are_settled_again(
    api: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    await api.save_team({"name": "platform", "telemetry_ids": ["platform-id"]}, 201)
    await api.import_items("pull-requests", pull_request(1, state="open"))
    event = token_event("cohort only", None, 500, team="platform-id")
    del event["repository"]
    await api.post("token-events", {"items": [event]})
    await drain()
    (item,) = (await api.get("attributions"))["items"]
    assert (item["team"], item["tokens"]["total"]) == ("default", 0)
    await api.save_team({"name": "platform", "repositories": [REPOSITORY]})
    await drain()
    (item,) = (await api.get("attributions", team="platform"))["items"]
    assert item["team"] == "platform"
    assert item["tokens"]["total"] > 0
    assert item["evidence"]["cohort"] == 1


async def test_a_repository_named_before_its_first_delivery_is_the_same_one(api: Api) -> None:
    await api.save_team({"name": "platform", "repositories": ["git@github.com:Octo-Org/octo-repo.git"]}, 201)
    await api.import_items("pull-requests", pull_request(1, state="open", repository_id=77))
    (item,) = (await api.get("attributions", repository=REPOSITORY))["items"]
    assert item["team"] == "platform"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x", "size": 0}, "size"),
        ({"name": "x", "people": ["a"]}, "people"),
        ({"name": "x", "repositories": [REPOSITORY, "nothing"]}, "repositories[1]"),
    ],
)
async def test_a_bad_team_is_refused_with_what_to_mend(api: Api, body: object, field: str) -> None:
    problem = await api.post("teams", body, 400)
    assert (problem["field"], problem["detail"].split()[0]) == (field, field)


async def test_a_walk_by_cursor_meets_every_team_once(api: Api) -> None:
    for name in ("one", "two"):
        await api.save_team({"name": name}, 201)
    seen, query = [], {}
    while query is not None:
        page = await api.get("teams", limit=1, **query)
        seen += [team["name"] for team in page["items"]]
        query = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert seen == ["default", "one", "two"]


async def test_an_organization_never_sees_anothers_teams(api: Api, other_api: Api) -> None:
    await api.save_team({"name": "secret"}, 201)
    assert [team["name"] for team in (await other_api.get("teams"))["items"]] == ["default"]
    await other_api.get("ledger", 404, team="secret")
