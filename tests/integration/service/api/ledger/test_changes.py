"""/api/v1/changes: what clients send, what workers find, and what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.integration.service.api.conftest import Api, token_event

Drain = Callable[[], Awaitable[None]]
CHANCE = {"given": ["web"], "held_back": ["mobile"]}
ROLLOUT = {"kind": "rollout", "to_value": "reviewer", "randomised": CHANCE}
CHANGE = {"kind": "prompt_template", "occurred_at": "2026-11-18T10:00:00Z", "from_value": "v6", "to_value": "v7"}


async def send(api: Api, *items: dict[str, Any]) -> dict[str, int]:
    receipt: dict[str, int] = await api.post("changes", {"items": list(items)})
    return receipt


async def shown(api: Api, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("changes", **query))["items"]
    return items


async def pinned_key(api: Api, team: str) -> dict[str, str]:
    made = await api.post("keys", {"name": "ci", "scopes": ["read", "intake"], "team": team}, 201)
    return {"Authorization": f"Bearer {made['key']}"}


async def test_a_change_is_shown_as_it_was_sent_and_only_to_its_organization(api: Api, other_api: Api) -> None:
    await api.save_team({"name": "web"}, 201)
    sent = {**CHANGE, "team": "web", "workflow": "support", "source": "ci", "label": "shorter-instructions"}
    assert await send(api, sent) == {"received": 1, "changed": 1}
    (change,) = await shown(api)
    assert change == {**sent, "id": change["id"], "found": False, "randomised": None}
    assert await shown(other_api) == []


async def test_the_same_change_counts_once_and_an_id_is_replaced(api: Api) -> None:
    await send(api, CHANGE, {**CHANGE, "occurred_at": "2026-11-18T11:00:00+01:00"})
    assert await send(api, CHANGE) == {"received": 1, "changed": 0}
    assert len(await shown(api)) == 1
    await send(api, {**CHANGE, "id": "deploy-1"})
    assert await send(api, {**CHANGE, "id": "deploy-1", "to_value": "v8"}) == {"received": 1, "changed": 1}
    assert sorted(each["to_value"] for each in await shown(api)) == ["v7", "v8"]


async def test_a_roll_out_by_chance_names_both_sides_which_a_key_of_a_team_does_not_see(api: Api) -> None:
    for team in ("web", "mobile", "data"):
        await api.save_team({"name": team}, 201)
    sent = {**ROLLOUT, "occurred_at": "2026-11-18T10:00:00Z", "id": "1"}
    assert (await send(api, sent))["changed"] == 1
    assert (await send(api, sent))["changed"] == 0
    assert (await shown(api))[0]["randomised"] == CHANCE
    both = {"given": ["web", "data"], "held_back": ["mobile"]}
    assert (await send(api, {**sent, "randomised": both}))["changed"] == 1
    assert (await shown(api))[0]["randomised"] == {"given": ["data", "web"], "held_back": ["mobile"]}
    seen = await api.client.get("/api/v1/changes", headers=await pinned_key(api, "web"))
    assert seen.json()["items"][0]["randomised"] is None
    missing = {**sent, "randomised": {"given": ["web"], "held_back": ["nosuch"]}}
    assert (await api.post("changes", {"items": [missing]}, 404))["field"] == "items[0].randomised.held_back[0]"


async def test_a_period_and_a_team_limit_the_list_and_pages_hold_all_of_it(api: Api) -> None:
    for team in ("web", "mobile"):
        await api.save_team({"name": team}, 201)
    days = {"web": "2026-11-01", "mobile": "2026-11-02", None: "2026-11-03"}
    await send(api, *({**CHANGE, "occurred_at": f"{day}T12:00:00Z", "team": team} for team, day in days.items()))
    assert [each["team"] for each in await shown(api)] == ["web", "mobile", None]
    assert [each["team"] for each in await shown(api, team="web")] == ["web", None]
    assert [each["team"] for each in await shown(api, **{"from": "2026-11-02", "to": "2026-11-02"})] == ["mobile"]
    first = await api.get("changes", limit=2)
    second = await api.get("changes", limit=2, cursor=first["next_cursor"])
    assert [each["team"] for each in first["items"] + second["items"]] == ["web", "mobile", None]
    assert second["next_cursor"] is None


async def test_a_sent_change_is_deleted(api: Api) -> None:
    await send(api, CHANGE)
    (change,) = await shown(api)
    for status in (204, 404):
        answer = await api.client.delete(f"/api/v1/changes/{change['id']}", headers=api.organization.headers)
        assert answer.status_code == status
    assert await shown(api) == []


async def test_a_key_of_a_team_sends_and_sees_changes_of_its_team_alone(api: Api) -> None:
    for team in ("web", "mobile"):
        await api.save_team({"name": team}, 201)
    headers = await pinned_key(api, "web")
    await send(api, {**CHANGE, "team": "mobile", "id": "1"})
    done = await api.client.post("/api/v1/changes", json={"items": [{**CHANGE, "id": "1"}]}, headers=headers)
    assert done.json() == {"received": 1, "changed": 1}
    refused = {"items": [CHANGE, {**CHANGE, "team": "mobile"}]}
    answer = await api.client.post("/api/v1/changes", json=refused, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "items[1].team")
    seen = (await api.client.get("/api/v1/changes", headers=headers)).json()["items"]
    assert [each["team"] for each in seen] == ["web"]
    assert sorted(each["team"] for each in await shown(api)) == ["mobile", "web"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "weather"}, "kind"),
        ({"label": "asked by Jane"}, "label"),
        ({"label": "x" * 41}, "label"),
        ({"to_value": "jane@example.com"}, "to_value"),
        ({"from_value": "You are a helpful assistant"}, "from_value"),
        ({"workflow": "a@b"}, "workflow"),
        ({"source": "spreadsheet"}, "source"),
        ({"occurred_at": "2026-11-18T10:00:00"}, "occurred_at"),
        ({"occurred_at": "1999-11-18T10:00:00Z"}, "occurred_at"),
        ({"author": "jane"}, "author"),
        ({"team": "nosuch"}, "team"),
        ({"randomised": CHANCE}, "randomised"),
        ({**ROLLOUT, "team": "web"}, "randomised"),
        ({**ROLLOUT, "randomised": {"given": ["web"], "held_back": ["web"]}}, "randomised"),
        ({**ROLLOUT, "randomised": {"given": ["web"], "held_back": []}}, "held_back"),
    ],
)
async def test_what_could_hold_a_person_or_a_prompt_is_refused_with_its_field(
    api: Api, change: dict[str, str], word: str
) -> None:
    problem = await api.post("changes", {"items": [CHANGE, {**CHANGE, **change}]}, 404 if word == "team" else 400)
    assert "items[1]" in str(problem)
    assert word in str(problem)
    assert await shown(api) == []


def event(name: str, day: int, **values: Any) -> dict[str, Any]:
    return token_event(name, None, 100, occurred_at=f"2026-11-{day:02}T12:00:00Z", **values)


async def found(api: Api) -> list[tuple[str, str, str, str, str]]:
    """Found changes as day, kind, workflow and values."""
    changes = await shown(api)
    assert all((each["found"], each["source"], each["label"]) == (True, "found", "") for each in changes)
    return [
        (each["occurred_at"][:10], each["kind"], each["workflow"], each["from_value"], each["to_value"])
        for each in changes
    ]


async def test_newer_models_and_new_prompt_templates_of_a_team_are_found(api: Api, drain: Drain) -> None:
    prompts = {"workflow": "support", "prompt_template": "v6"}, {"workflow": "support", "prompt_template": "v7"}
    events = [
        event("a", 10, model="claude-sonnet-4-5", **prompts[0]),
        event("b", 12, model="claude-sonnet-5", **prompts[0]),
        event("c", 13, model="claude-opus-4-8", **prompts[1]),
        event("d", 14, model="claude-sonnet-5", team="elsewhere", **prompts[1]),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    expected = [
        ("2026-11-12", "model", "", "claude-sonnet-4-5", "claude-sonnet-5"),
        ("2026-11-13", "prompt_template", "support", "v6", "v7"),
    ]
    assert await found(api) == expected
    assert {each["team"] for each in await shown(api)} == {"default"}
    await send(api, {**CHANGE, "source": "ci"})
    assert [len(await shown(api, source=source)) for source in ("found", "ci", "mlflow")] == [2, 1, 0]
    (sent,) = await shown(api, source="ci")
    await api.client.delete(f"/api/v1/changes/{sent['id']}", headers=api.organization.headers)
    await drain()
    assert await found(api) == expected


async def test_tokens_that_arrive_late_move_what_was_found(api: Api, drain: Drain) -> None:
    for name, day, model in (("a", 10, "gpt-5"), ("b", 14, "gpt-5.1"), ("c", 12, "gpt-5.1"), ("d", 13, "gpt-5.2")):
        await api.post("token-events", {"items": [event(name, day, model=model)]})
        await drain()
    assert [each[0::3] for each in await found(api)] == [("2026-11-12", "gpt-5"), ("2026-11-13", "gpt-5.1")]
    await api.post("token-events", {"items": [event("e", 9, model="gpt-5.1")]})
    await drain()
    assert [(each[0], each[3], each[4]) for each in await found(api)] == [("2026-11-13", "gpt-5.1", "gpt-5.2")]


async def test_a_found_change_cannot_be_deleted_but_says_why(api: Api, drain: Drain) -> None:
    await api.post("token-events", {"items": [event("a", 10, model="gpt-5"), event("b", 11, model="gpt-5.1")]})
    await drain()
    (change,) = await shown(api)
    answer = await api.client.delete(f"/api/v1/changes/{change['id']}", headers=api.organization.headers)
    assert (answer.status_code, "a worker found" in answer.json()["detail"]) == (409, True)
    assert len(await shown(api)) == 1


async def test_a_list_of_changes_is_a_file_too(api: Api) -> None:
    await send(api, CHANGE)
    answer = await api.client.get("/api/v1/changes?format=csv", headers=api.organization.headers)
    assert answer.text.splitlines()[0].startswith("id,kind,occurred_at,team")
    assert "prompt_template,2026-11-18T10:00:00Z" in answer.text
