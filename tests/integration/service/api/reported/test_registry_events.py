"""POST /api/v1/changes/langfuse and /mlflow: what registries send, and what of it becomes a change."""

from base64 import b64encode
from typing import Any

import pytest

from tests.integration.service.api.conftest import Api

LANGFUSE = {
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "timestamp": "2026-11-18T10:00:00Z",
    "type": "prompt-version",
    "apiVersion": "v1",
    "action": "updated",
    "prompt": {
        "id": "p1",
        "name": "code review",
        "version": 7,
        "labels": ["production", "latest"],
        "prompt": "CANARY: review this",
        "createdBy": "CANARY",
    },
}
MLFLOW = {
    "entity": "prompt_alias",
    "action": "created",
    "timestamp": "2026-11-18T11:00:00.082217+00:00",
    "data": {"name": "review", "alias": "champion", "version": "7"},
}
NOTHING = {"received": 0, "changed": 0}


async def shown(api: Api, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in names) for each in (await api.get("changes"))["items"]]


async def test_a_prompt_that_langfuse_deploys_is_a_change_and_counts_once(api: Api) -> None:
    assert await api.post("changes/langfuse", LANGFUSE) == {"received": 1, "changed": 1}
    assert await api.post("changes/langfuse", LANGFUSE) == {"received": 1, "changed": 0}
    assert await shown(api, "kind", "to_value", "source", "label", "team") == [
        ("prompt_template", "code-review/7", "langfuse", "production", None)
    ]
    assert "CANARY" not in str(await api.get("changes"))


@pytest.mark.parametrize(
    "changed",
    [{"action": "deleted"}, {"type": "trace"}, {"prompt": {"name": "review", "version": 8, "labels": ["latest"]}}],
    ids=["deleted", "of something else", "not in use"],
)
async def test_other_events_of_langfuse_change_nothing(api: Api, changed: dict[str, Any]) -> None:
    assert await api.post("changes/langfuse", LANGFUSE | changed) == NOTHING
    assert await shown(api, "kind") == []


async def test_another_label_may_name_the_version_in_use(api: Api) -> None:
    assert (await api.post("changes/langfuse?label=latest", LANGFUSE))["changed"] == 1
    assert await shown(api, "label") == [("latest",)]


@pytest.mark.parametrize(("entity", "kind"), [("prompt_alias", "prompt_template"), ("model_version_alias", "model")])
async def test_what_an_alias_of_mlflow_names_is_a_change(api: Api, entity: str, kind: str) -> None:
    await api.save_team({"name": "web"}, 201)
    event = {**MLFLOW, "entity": entity}
    assert await api.post("changes/mlflow?team=web", event) == {"received": 1, "changed": 1}
    assert await api.post("changes/mlflow?team=web", event) == {"received": 1, "changed": 0}
    assert await api.post("changes/mlflow?alias=production", event) == NOTHING
    assert await shown(api, "kind", "to_value", "source", "label", "team") == [
        (kind, "review/7", "mlflow", "champion", "web")
    ]


async def test_other_events_of_mlflow_change_nothing(api: Api) -> None:
    created = {"entity": "registered_model", "data": {"name": "m", "tags": {"a": "b"}, "description": "CANARY"}}
    assert await api.post("changes/mlflow", MLFLOW | created) == NOTHING
    assert await api.post("changes/mlflow", MLFLOW | {"action": "deleted"}) == NOTHING


async def test_a_key_in_the_address_opens_as_one_in_the_header_does(api: Api) -> None:
    secret = b64encode(f"mlflow:{api.organization.key}".encode()).decode()
    answer = await api.client.post("/api/v1/changes/mlflow", json=MLFLOW, headers={"Authorization": f"Basic {secret}"})
    assert (answer.status_code, answer.json()) == (200, {"received": 1, "changed": 1})
    wrong = await api.client.post("/api/v1/changes/mlflow", json=MLFLOW, headers={"Authorization": "Basic !"})
    assert wrong.status_code == 401


async def test_what_cannot_be_read_is_refused_with_its_field(api: Api) -> None:
    assert (await api.post("changes/mlflow?team=nobody", MLFLOW, 404))["field"] == "team"
    assert "timestamp" in str(await api.post("changes/mlflow", MLFLOW | {"timestamp": "1970-01-01T00:00:00Z"}, 400))
    assert "version" in str(await api.post("changes/langfuse", LANGFUSE | {"prompt": {"name": "review"}}, 400))
