"""GET and PUT /api/v1/layers."""

from typing import Any

from tests.integration.service.api.conftest import Api

USUAL: dict[str, Any] = {"order": ["agent", "gateway", "provider"], "sources": {}, "superseded": []}


async def put(api: Api, body: Any, status: int = 200) -> Any:
    answer = await api.client.put("/api/v1/layers", json=body, headers=api.organization.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_agents_come_before_gateways_and_gateways_before_providers_by_default(api: Api) -> None:
    assert await api.get("layers") == USUAL


async def test_a_new_policy_replaces_the_old_one(api: Api, other_api: Api) -> None:
    await api.post("teams", {"name": "platform"}, status=201)
    reported = {
        "order": ["gateway", "agent", "provider"],
        "sources": {"acme-gateway": "gateway"},
        "superseded": [{"source": "codex", "team": None}, {"source": "litellm", "team": "platform"}],
    }
    assert await put(api, reported) == reported
    assert await api.get("layers") == reported
    assert await other_api.get("layers") == USUAL
    assert await put(api, {}) == USUAL
    assert await api.get("layers") == USUAL


async def test_a_policy_that_makes_no_sense_is_refused_and_nothing_changes(api: Api) -> None:
    reported = await put(api, {"sources": {"acme-gateway": "gateway"}})
    problem = await put(api, {"order": ["gateway", "gateway", "agent"]}, status=400)
    assert problem["field"] == "order"
    problem = await put(api, {"superseded": [{"source": "litellm", "team": "nobody"}]}, status=404)
    assert problem["field"] == "superseded[0].team"
    await put(api, {"sources": {"acme-gateway": "somewhere"}}, status=400)
    await put(api, {"sources": {"Not A Source": "gateway"}}, status=400)
    await put(api, {"rules": []}, status=400)
    assert await api.get("layers") == reported
