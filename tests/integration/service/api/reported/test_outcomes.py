"""/api/v1/outcomes: what is stored once, and what outcomes cost."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import msgspec
import pytest

from schema.database import Database
from tests.integration.service.api.conftest import DAY, Api, token_event

Drain = Callable[[], Awaitable[None]]
PERIOD = {"from": "2026-11-16", "to": "2026-11-22"}
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/tickets",
    "type": "com.example.resolved",
    "time": f"{DAY}T10:20:00Z",
    "data": {"workflow": "support", "count": 2, "success": True},
}


class Summed(Api):
    """The API, where outcomes are summed before they are shown."""

    drain: Drain

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        if path == "outcomes":
            await self.drain()
        return await super().get(path, status, **query)


@pytest.fixture
def api(api: Api, drain: Drain) -> Api:
    summed = Summed(api.client, api.organization, api.work)
    summed.drain = drain
    return summed


def outcome(**values: Any) -> dict[str, Any]:
    return {"occurred_at": f"{DAY}T10:00:00Z", "workflow": "support", "count": 4, **values}


def event(name: str, tokens: int, **values: Any) -> dict[str, Any]:
    return token_event(name, None, tokens, **{"workflow": "support", **values})


async def send(api: Api, *items: dict[str, Any]) -> dict[str, int]:
    receipt: dict[str, int] = await api.post("outcomes", {"items": list(items)})
    return receipt


async def send_events(api: Api, body: Any, kind: str = "application/cloudevents+json") -> Any:
    headers = {**api.organization.headers, "Content-Type": kind}
    return await api.client.post("/api/v1/outcomes", content=msgspec.json.encode(body), headers=headers)


async def shown(api: Api, **query: Any) -> Any:
    return await api.get("outcomes", **{**PERIOD, **query})


async def number(api: Api) -> int:
    figures = (await shown(api))["total"]
    outcomes: int = figures["outcomes"]
    return outcomes


async def test_tokens_and_dollars_per_outcome_divide_sums_by_sums(api: Api, drain: Drain) -> None:
    await api.post("token-events", {"items": [event("a", 100_000), token_event("b", None, 50)]})
    await drain()
    await send(api, outcome(successes=3, quality=0.5), outcome(occurred_at=f"{DAY}T11:00:00Z", count=1, quality=1))
    answer = await shown(api, group_by="workflow")
    other, support = answer["items"]
    assert (other["workflow"], other["figures"]["outcomes"], other["figures"]["tokens_per_outcome"]) == ("", 0, None)
    assert support["figures"]["outcomes"] == 5
    assert support["figures"]["tokens"]["total"] == 200_000
    assert support["figures"]["tokens_per_outcome"] == 40_000
    assert (support["figures"]["cost_usd"], support["figures"]["cost_per_outcome_usd"]) == ("1.80", "0.36")
    assert (support["figures"]["success_rate"], support["figures"]["quality"]) == (0.75, 0.6)
    assert answer["settled"] is True


async def test_a_period_that_is_a_month_without_its_first_day_leaves_that_day_out(api: Api) -> None:
    of_the_first = outcome(occurred_at="2026-11-01T10:00:00Z", workflow="digest", count=7, successes=7, quality=1)
    await send(api, of_the_first, outcome(successes=3, quality=0.5))
    answer = await shown(api, group_by="workflow", **{"from": "2026-11-02", "to": "2026-11-30"})
    (support,) = answer["items"]
    figures = support["figures"]
    assert (support["workflow"], figures["outcomes"], figures["success_rate"]) == ("support", 4, 0.75)
    assert figures["quality"] == 0.5


@pytest.mark.parametrize("group_by", [None, "team", "feature", "workflow", "prompt_version"])
@pytest.mark.parametrize("bucket", ["total", "day", "week"])
async def test_every_cut_sums_to_the_same_total_as_the_ledger(
    api: Api, drain: Drain, group_by: str | None, bucket: str
) -> None:
    events = [
        event("a", 100),
        token_event("b", None, 7, team="web"),
        event("c", 30, team="web", occurred_at="2026-11-20T23:59:59Z"),
    ]
    await api.post("token-events", {"items": events})
    await send(
        api,
        outcome(),
        outcome(team="web", feature="search", prompt_template="v7"),
        outcome(occurred_at="2026-11-20T00:00:00Z"),
    )
    await drain()
    answer = await shown(api, bucket=bucket, **({"group_by": group_by} if group_by else {}))
    figures = [each["figures"] for each in answer["items"]]
    assert sum(each["tokens"]["total"] for each in figures) == answer["total"]["tokens"]["total"] == 274
    assert sum(each["outcomes"] for each in figures) == answer["total"]["outcomes"] == 12
    assert (await api.get("ledger", **PERIOD))["received"]["total"] == 274


async def test_the_same_outcomes_count_once_and_an_id_is_replaced(api: Api) -> None:
    assert await send(api, outcome(), outcome()) == {"received": 2, "changed": 1}
    assert await send(api, outcome()) == {"received": 1, "changed": 0}
    assert await number(api) == 4
    await send(api, outcome(id="1", count=10))
    await send(api, outcome(id="1", count=11, occurred_at=f"{DAY}T12:00:00Z"))
    assert await number(api) == 15
    await send(api, outcome(occurred_at=f"{DAY}T10:00:01Z", count=1))
    assert await number(api) == 16


async def test_outcomes_that_move_to_another_day_team_or_workflow_leave_nothing_behind(
    api: Api, database: Database
) -> None:
    await api.save_team({"name": "web"}, 201)
    await send(api, outcome(id="1", quality=0.5, feature="search", prompt_template="v6"))
    assert await number(api) == 4
    moved = outcome(id="1", count=3, team="web", workflow="sales", occurred_at="2026-10-30T23:59:59Z")
    await send(api, moved)
    assert await number(api) == 0
    october = {"from": "2026-10-01", "to": "2026-10-31", "bucket": "month"}
    (row,) = (await shown(api, **october, group_by="workflow"))["items"]
    assert (row["workflow"], row["figures"]["outcomes"], row["figures"]["quality"]) == ("sales", 3, None)
    async with database.organization(api.organization.organization_id) as tenant:
        left = await tenant.fetchval(
            "SELECT count(*) FROM outcome_cut WHERE organization_id = $1 AND period >= '2026-11-01'"
        )
    assert left == 0


async def test_outcomes_that_wait_for_their_sums_are_not_settled(client: httpx.AsyncClient, api: Api) -> None:
    await send(api, outcome())
    waiting = await client.get("/api/v1/outcomes", params=PERIOD, headers=api.organization.headers)
    assert (waiting.json()["settled"], waiting.json()["total"]["outcomes"]) == (False, 0)
    assert (await shown(api))["settled"] is True


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_hold_groups_with_tokens_or_outcomes_once(api: Api, drain: Drain, limit: int) -> None:
    spent = [event("a", 5), event("b", 6, workflow="zeta"), event("c", 7, occurred_at="2026-11-20T10:00:00Z")]
    await api.post("token-events", {"items": spent})
    await drain()
    achieved = [outcome(workflow=name) for name in ("alpha", "support", "zz")]
    await send(api, *achieved, outcome(workflow="alpha", occurred_at="2026-11-21T10:00:00Z"))
    query = {"bucket": "day", "group_by": "workflow"}
    whole = (await shown(api, **query))["items"]
    assert [(each["period_start"][-2:], each["workflow"]) for each in whole] == [
        *(("18", name) for name in ("alpha", "support", "zeta", "zz")),
        *(("20", "support"), ("21", "alpha")),
    ]
    items: list[Any] = []
    cursor: dict[str, str] = {}
    while len(items) <= len(whole):
        page = await shown(api, **query, limit=limit, **cursor)
        items += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert items == whole


async def test_a_team_is_shown_alone_by_any_dimension(api: Api) -> None:
    await api.save_team({"name": "web"}, 201)
    await send(api, outcome(), outcome(team="web", count=9, prompt_template="v7"))
    for group_by, name in (("team", "web"), ("workflow", "support"), ("prompt_version", "v7")):
        (row,) = (await shown(api, team="web", group_by=group_by))["items"]
        assert (row[group_by], row["figures"]["outcomes"]) == (name, 9)


async def test_a_cloud_event_and_a_batch_of_them_count_once(api: Api) -> None:
    done = await send_events(api, EVENT)
    assert (done.status_code, done.json()) == (200, {"received": 1, "changed": 1})
    batch = [EVENT, {**EVENT, "id": "2", "subject": "CANARY-person"}, {**EVENT, "source": "/other"}]
    done = await send_events(api, batch, "application/cloudevents-batch+json; charset=utf-8")
    assert done.json() == {"received": 3, "changed": 2}
    answer = await shown(api, group_by="workflow")
    assert (answer["items"][0]["workflow"], answer["total"]["outcomes"]) == ("support", 6)
    assert answer["total"]["success_rate"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"time": "yesterday"}, "time"),
        ({"data": {"count": -1}}, "data.count"),
        ({"data": {"person": "jane"}}, "data"),
        ({"data_base64": "e30="}, "data_base64"),
        ({"datacontenttype": "text/plain"}, "datacontenttype"),
    ],
)
async def test_a_bad_cloud_event_is_refused_with_its_field(api: Api, change: dict[str, Any], field: str) -> None:
    refused = await send_events(api, {**EVENT, **change})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    refused = await send_events(api, [EVENT, {**EVENT, **change}], "application/cloudevents-batch+json")
    assert (refused.status_code, refused.json()["field"]) == (400, f"[1].{field}")
    assert await number(api) == 0


async def test_a_cloud_event_needs_a_key_for_intake(api: Api) -> None:
    headers = {"Content-Type": "application/cloudevents+json"}
    answer = await api.client.post("/api/v1/outcomes", content=b"{}", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"count": -1}, "count"),
        ({"quality": 1.5}, "quality"),
        ({"successes": 5}, "successes"),
        ({"successes": 1, "success": True}, "success"),
        ({"workflow": "jane@example.com"}, "workflow"),
        ({"feature": "jane@example.com"}, "feature"),
        ({"occurred_at": "2026-11-18T10:00:00"}, "occurred_at"),
        ({"occurred_at": "1999-01-01T10:00:00Z"}, "time"),
        ({"title": "CANARY"}, "title"),
    ],
)
async def test_an_outcome_that_cannot_be_is_refused_with_its_field(api: Api, change: dict[str, Any], word: str) -> None:
    problem = await api.post("outcomes", {"items": [outcome(), outcome(**change)]}, 400)
    assert "items[1]" in str(problem)
    assert word in str(problem)
    assert await number(api) == 0


async def test_a_key_of_a_team_stores_and_shows_its_team_alone(api: Api) -> None:
    await api.save_team({"name": "web"}, 201)
    made = await api.post("keys", {"name": "k", "scopes": ["read", "intake"], "team": "web"}, 201)
    headers = {"Authorization": f"Bearer {made['key']}"}
    await send(api, outcome(id="1"))
    body = {"items": [outcome(id="1", count=7, team="elsewhere")]}
    assert (await api.client.post("/api/v1/outcomes", json=body, headers=headers)).status_code == 200
    query = {**PERIOD, "group_by": "team"}
    await api.get("outcomes")
    seen = (await api.client.get("/api/v1/outcomes", params=query, headers=headers)).json()
    assert [(each["team"], each["figures"]["outcomes"]) for each in seen["items"]] == [("web", 7)]
    teams = {each["team"]: each["figures"]["outcomes"] for each in (await shown(api, group_by="team"))["items"]}
    assert teams == {"default": 4, "web": 7}


async def test_a_small_team_is_never_withheld_alone(api: Api, drain: Drain) -> None:
    sizes = {"large": 9, "middle": 8, "small": 2}
    for team, size in sizes.items():
        await api.save_team({"name": team, "size": size, "telemetry_ids": [team]}, 201)
    tokens = {"large": 300, "middle": 200, "small": 100}
    await api.post("token-events", {"items": [event(team, each, team=team) for team, each in tokens.items()]})
    await drain()
    await send(api, outcome(team="large", count=1), outcome(team="small", count=5))
    answer = await shown(api, group_by="team")
    figures = {each["team"]: each["figures"] for each in answer["items"]}
    # Tokens alone would withhold the middle team; the small one's outcomes need another team with outcomes.
    assert figures == {"large": None, "middle": None, "small": None}
    assert answer["total"]["outcomes"] == 6
    assert (await shown(api, team="small"))["total"] is None
    assert (await shown(api, team="large"))["total"]["outcomes"] == 1


async def test_pages_hold_every_row_and_a_list_is_a_file_too(api: Api) -> None:
    days = range(16, 20)
    await send(
        api,
        *(outcome(occurred_at=f"2026-11-{day}T10:00:00Z", workflow=name) for day in days for name in ("a", "b", "c")),
    )
    whole = (await shown(api, group_by="workflow", bucket="day"))["items"]
    found, cursor = [], {}
    while cursor is not None:
        page = await shown(api, group_by="workflow", bucket="day", limit=5, **cursor)
        found += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert found == whole
    assert [each["workflow"] for each in whole] == ["a", "b", "c"] * 4
    query = {**PERIOD, "group_by": "workflow", "format": "csv"}
    lines = (await api.client.get("/api/v1/outcomes", params=query, headers=api.organization.headers)).text.splitlines()
    assert len(lines) == 4
    assert "figures.outcomes" in lines[0]


async def test_outcomes_are_seen_only_by_their_organization(api: Api, other_api: Api) -> None:
    await send(api, outcome())
    assert await number(other_api) == 0
