"""The audit log: what succeeded, by whom, and nothing about people."""

import csv

import httpx

from schema.database import Database
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in
from tests.integration.service.api.conftest import Api


async def key_of(api: Api) -> str:
    return str((await api.get("keys"))["items"][0]["id"])


async def test_each_change_that_succeeds_is_logged_and_nothing_else(api: Api) -> None:
    key_id = await key_of(api)
    assert (await api.get("audit"))["items"] == []
    await api.post("teams", {"name": "web", "size": 8}, 201)
    await api.post("keys", {"name": "x", "scopes": ["root"]}, 400)
    await api.post("keys", {"name": "x", "scopes": ["read"]}, 201)
    await api.get("keys")
    log = (await api.get("audit"))["items"]
    assert [(entry["actor"], entry["action"]) for entry in log] == [
        (f"key {key_id}", "POST /api/v1/keys"),
        (f"key {key_id}", "POST /api/v1/teams"),
    ]


async def test_the_log_names_what_was_changed_by_its_id(api: Api, client: httpx.AsyncClient) -> None:
    made = await api.post("keys", {"name": "x", "scopes": ["read"]}, 201)
    await client.delete(f"/api/v1/keys/{made['id']}", headers=api.organization.headers)
    entry = (await api.get("audit"))["items"][0]
    assert (entry["action"], entry["subject"]) == ("DELETE /api/v1/keys/{key_id}", made["id"])


CREATED: dict[str, tuple[dict[str, object], int]] = {
    "keys": ({"name": "x", "scopes": ["read"]}, 201),
    "teams": ({"name": "web", "size": 8}, 201),
    "shared-links": ({"view": "/spend"}, 201),
    "sign-in-rules": ({"provider": "oidc", "kind": "group", "value": "platform", "role": "viewer"}, 200),
    "alert-mutes": ({"rule": "rise"}, 201),
    "connections": ({"forge": "github"}, 201),
    "github-apps": ({"organization": "octo-org", "public_url": "https://tokens.example.com"}, 201),
}


async def test_the_log_names_what_was_created_by_its_id(api: Api) -> None:
    for path, (body, status) in CREATED.items():
        made = await api.post(path, body, status)
        entry = (await api.get("audit"))["items"][0]
        assert (entry["action"], entry["subject"]) == (f"POST /api/v1/{path}", str(made["id"]))


async def test_what_only_says_what_it_would_change_is_no_act(api: Api) -> None:
    await api.post("teams?dry_run=true", {"name": "web", "size": 8}, 200)
    await api.post("teams?dry_run=1", {"name": "web", "size": 8}, 200)
    await api.post("github-apps", {**CREATED["github-apps"][0], "dry_run": True}, 200)
    hook = {"token": "glpat-x", "scope": "group", "path": "group", "public_url": "https://tokens.example.com"}
    await api.post("registrations", {**hook, "dry_run": True}, 200)
    assert (await api.get("audit"))["items"] == []


async def test_the_log_is_exported_and_walked_by_cursor(api: Api, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await api.post("keys", {"name": "x", "scopes": ["read"]}, 201)
    answer = await client.get("/api/v1/audit?format=csv", headers=api.organization.headers)
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["action"] for row in rows] == ["POST /api/v1/keys"] * 3
    first = await api.get("audit", limit=2)
    second = await api.get("audit", limit=2, cursor=first["next_cursor"])
    ids = [entry["id"] for entry in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    assert (await api.get("audit", to="2020-01-01"))["items"] == []


async def test_a_key_for_auditors_reads_the_log_and_changes_nothing(api: Api, client: httpx.AsyncClient) -> None:
    key = (await api.post("keys", {"name": "x", "scopes": ["audit"]}, 201))["key"]
    headers = {"Authorization": f"Bearer {key}"}
    statuses = [
        (await client.request(method, f"/api/v1/{path}", headers=headers, json=None)).status_code
        for method, path in (("GET", "audit"), ("GET", "members"), ("GET", "ledger"), ("GET", "keys"), ("POST", "keys"))
    ]
    assert statuses == [200, 200, 403, 403, 403]


async def test_what_is_done_on_pages_is_logged_with_the_session(
    app_set_up: AppSetUp, database: Database, organization: Organization
) -> None:
    client = app_set_up.client
    await sign_in(client, database, organization)
    form = {"organization": "octo-org", "base_url": app_set_up.url}
    refused = await client.post("/github", data={"base_url": "ftp://x"}, headers=of_a_form(client))
    accepted = await client.post("/github", data=form, headers=of_a_form(client))
    assert (refused.status_code, accepted.status_code) == (400, 303)
    log = (await client.get("/api/v1/audit", headers=organization.headers)).json()["items"]
    assert [(entry["actor"], entry["action"]) for entry in log] == [
        ("link", "POST /github"),
        ("link", "sign in by link"),
    ]
