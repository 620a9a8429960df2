"""/api/v1/keys: scopes, pinning, revocation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event

ADMINISTRATION = [("GET", "keys"), ("POST", "keys"), ("POST", "teams"), ("DELETE", "teams/1")]
READING = [
    ("GET", "attributions"),
    ("GET", "ledger"),
    ("GET", "coverage"),
    ("GET", "releases"),
    ("GET", "metrics/tokens-per-pr"),
    ("GET", "teams"),
]
INTAKE = [("POST", "pull-requests"), ("POST", "releases"), ("POST", "token-events")]


async def make(api: Api, *scopes: str, **values: Any) -> dict[str, Any]:
    made: dict[str, Any] = await api.post("keys", {"name": "a key", "scopes": list(scopes), **values}, 201)
    return made


async def status(client: httpx.AsyncClient, key: str, method: str, path: str, body: object = None) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    json = {"items": []} if body is None and method == "POST" else body
    return (await client.request(method, f"/api/v1/{path}", json=json, headers=headers)).status_code


async def test_a_key_is_shown_once_and_only_its_digest_is_stored(api: Api, database: Database) -> None:
    made = await make(api, "read", "intake")
    assert made["key"].startswith(f"sl1_{api.organization.organization_id}_")
    assert made["scopes"] == ["intake", "read"]
    listed = (await api.get("keys"))["items"]
    assert {name: value for name, value in made.items() if name != "key"} in listed
    assert all("key" not in item for item in listed)
    organization_id = api.organization.organization_id
    async with database.organization(organization_id) as tenant:
        stored = await tenant.fetch("SELECT api_key::text AS row FROM api_key WHERE organization_id = $1")
    assert len(stored) == 2
    assert not any(made["key"][-43:] in row["row"] for row in stored)


@pytest.mark.parametrize(
    ("scope", "allowed"), [("read", READING), ("intake", INTAKE), ("admin", READING + INTAKE + ADMINISTRATION)]
)
async def test_a_scope_opens_its_routes_and_no_others(
    api: Api, client: httpx.AsyncClient, scope: str, allowed: list[tuple[str, str]]
) -> None:
    key = (await make(api, scope))["key"]
    for method, path in READING + INTAKE + ADMINISTRATION:
        answered = await status(client, key, method, path)
        assert (answered == 403) is ((method, path) not in allowed), (path, answered)


async def test_a_revoked_key_opens_nothing_at_once(api: Api, client: httpx.AsyncClient) -> None:
    made = await make(api, "read")
    assert await status(client, made["key"], "GET", "ledger") == 200
    answer = await client.delete(f"/api/v1/keys/{made['id']}", headers=api.organization.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await status(client, made["key"], "GET", "ledger") == 401
    (listed,) = [item for item in (await api.get("keys"))["items"] if item["id"] == made["id"]]
    assert listed["revoked_at"] is not None


async def test_an_expired_key_opens_nothing(api: Api, client: httpx.AsyncClient, database: Database) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await make(api, "read", expires_at=expires_at)
    assert datetime.fromisoformat(made["expires_at"]) == datetime.fromisoformat(expires_at)
    async with database.organization(api.organization.organization_id) as tenant:
        await tenant.execute("UPDATE api_key SET expires_at = now() WHERE organization_id = $1 AND name = 'a key'")
    assert await status(client, made["key"], "GET", "ledger") == 401


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer nonsense",
        "Basic c2w6",
        "Bearer sl1_1_" + "x" * 43,
        "Bearer sl1_999999_" + "x" * 43,
        "Bearer sl1_0_" + "x" * 43,
        "Bearer sl1_9999999999999999999999_" + "x" * 43,
    ],
)
async def test_without_a_valid_key_nothing_is_answered(client: httpx.AsyncClient, api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in READING + INTAKE + ADMINISTRATION:
        answer = await client.request(method, f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await api.get("keys"))["items"]


async def test_a_key_opens_its_own_organization_only(api: Api, other_api: Api, client: httpx.AsyncClient) -> None:
    key = (await make(api, "read"))["key"]
    moved = key.replace(f"sl1_{api.organization.organization_id}_", f"sl1_{other_api.organization.organization_id}_")
    assert await status(client, moved, "GET", "ledger") == 401
    theirs = (await other_api.get("keys"))["items"][0]["id"]
    answer = await client.delete(f"/api/v1/keys/{theirs}", headers=api.organization.headers)
    assert answer.status_code == 404
    await other_api.get("ledger")


async def test_a_pinned_key_sees_its_team_only(api: Api, client: httpx.AsyncClient) -> None:
    await api.post("teams", {"name": "platform", "repositories": [REPOSITORY]}, 201)
    other = pull_request(2, repository="github.com/octo-org/other", state="open")
    await api.import_items("pull-requests", pull_request(1, state="open"), other)
    await api.post("token-events", {"items": [token_event("one", None, 5)]})
    headers = {"Authorization": f"Bearer {(await make(api, 'read', team='platform'))['key']}"}

    async def get(path: str, **query: str) -> Any:
        return (await client.get(f"/api/v1/{path}", params=query, headers=headers)).json()

    assert [item["team"] for item in (await get("attributions"))["items"]] == ["platform"]
    assert [item["name"] for item in (await get("teams"))["items"]] == ["platform"]
    assert (await get("ledger"))["received"]["total"] == 0
    assert (await get("ledger", team="default"))["status"] == 403
    assert len((await api.get("attributions"))["items"]) == 2


async def test_a_pinned_key_sends_for_its_team(api: Api, client: httpx.AsyncClient) -> None:
    await api.post("teams", {"name": "platform"}, 201)
    key = (await make(api, "intake", team="platform"))["key"]
    body = {"items": [token_event("one", None, 5, team="default")]}
    assert await status(client, key, "POST", "token-events", body) == 200
    assert (await api.get("ledger", team="platform"))["received"]["total"] == 10


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes[0]"),
        ({"name": "x"}, "scopes"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": ["admin"], "team": "default"}, "team"),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ],
)
async def test_a_bad_key_is_refused_with_what_to_mend(api: Api, body: object, field: str) -> None:
    problem = await api.post("keys", body, 400)
    assert (problem["field"], problem["detail"].split()[0]) == (field, field)


async def test_a_walk_by_cursor_meets_every_key_once(api: Api) -> None:
    for _ in range(2):
        await make(api, "read")
    seen: list[str] = []
    query: dict[str, str] | None = {}
    while query is not None:
        page = await api.get("keys", limit=1, **query)
        seen += [key["id"] for key in page["items"]]
        query = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert sorted(seen) == sorted(key["id"] for key in (await api.get("keys"))["items"])
    assert len(seen) == 3
