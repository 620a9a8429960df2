"""Links that share one view: read-only, revocable, expiring, logged."""

from typing import Any

import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.signing_in import sign_in
from tests.integration.service.api.conftest import Api


async def share(api: Api, view: str = "/?period=4w", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await api.post("shared-links", {"view": view, **more}, 201)
    return made


async def test_who_opens_a_link_sees_its_view_and_nothing_else(api: Api, client: httpx.AsyncClient) -> None:
    made = await share(api)
    opened = await client.get(made["url"])
    assert (opened.status_code, opened.headers["location"]) == (303, "/?period=4w")
    statuses = {path: (await client.get(path)).status_code for path in ("/?period=4w", "/", "/repairs", "/github")}
    assert statuses == {"/?period=4w": 200, "/": 403, "/repairs": 403, "/github": 403}


async def test_a_revoked_link_shows_nothing_also_to_who_opened_it(api: Api, client: httpx.AsyncClient) -> None:
    made = await share(api)
    await client.get(made["url"])
    await client.get(made["url"])
    (listed,) = (await api.get("shared-links"))["items"]
    assert (listed["view"], listed["times_opened"], listed["revoked_at"]) == ("/?period=4w", 2, None)
    path = f"/api/v1/shared-links/{made['id']}"
    assert (await client.delete(path, headers=api.organization.headers)).status_code == 204
    assert (await client.get("/?period=4w")).status_code == 401
    assert (await client.get(made["url"])).status_code == 410
    assert (await api.get("shared-links"))["items"][0]["revoked_at"] is not None


async def test_an_expired_link_shows_nothing_also_to_who_opened_it(
    api: Api, client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    made = await share(api)
    await client.get(made["url"])
    async with database.organization(organization.organization_id) as tenant:
        for table in ("shared_link", "dashboard_session"):
            await tenant.execute(f"UPDATE {table} SET expires_at = now() WHERE organization_id = $1")
    assert (await client.get("/?period=4w")).status_code == 401
    assert (await client.get(made["url"])).status_code == 410


async def test_who_is_signed_in_keeps_their_session(
    api: Api, client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    made = await share(api)
    assert (await client.get(made["url"])).status_code == 303
    assert (await client.get("/github")).status_code == 200


async def test_making_opening_and_revoking_are_in_the_audit_log(api: Api, client: httpx.AsyncClient) -> None:
    made = await share(api)
    await client.get(made["url"])
    await client.delete(f"/api/v1/shared-links/{made['id']}", headers=api.organization.headers)
    log = (await api.get("audit"))["items"]
    assert [entry["action"] for entry in log] == [
        "DELETE /api/v1/shared-links/{link_id}",
        "open shared link",
        "POST /api/v1/shared-links",
    ]
    assert [entry["subject"] for entry in log[:2]] == [made["id"]] * 2
    assert log[1]["actor"] == f"shared link {made['id']}"


@pytest.mark.parametrize("view", ["https://evil.example/", "/github", "/?q=somebody"])
async def test_only_pages_with_figures_are_shared(api: Api, view: str) -> None:
    problem = await api.post("shared-links", {"view": view}, 400)
    assert problem["field"] == "view"


async def test_a_link_that_does_not_exist_cannot_be_revoked(api: Api, client: httpx.AsyncClient) -> None:
    path = "/api/v1/shared-links/00000000-0000-4000-8000-000000000000"
    assert (await client.delete(path, headers=api.organization.headers)).status_code == 404
