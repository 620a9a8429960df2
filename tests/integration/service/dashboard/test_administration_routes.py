"""The page of administration: each form changes what it says, is logged by its id, and stays within the role."""

import csv
import io
import re

import httpx
import pytest

from schema.database import Database
from service.auth.members.store import list_members, member_text, sign_member_in
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in

MEMBER, OWNER = bytes([1]) * 32, bytes([2]) * 32
RULE = {"provider": "oidc", "kind": "group", "value": "platform", "role": "viewer"}


@pytest.fixture
async def admin(client: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    async with database.organization(organization.organization_id) as tenant:
        await sign_member_in(tenant, MEMBER, "oidc", Role.VIEWER, None)
        await sign_member_in(tenant, OWNER, "oidc", Role.OWNER, None)
    await sign_in(client, database, organization, Role.ADMIN)
    return client


async def send(client: httpx.AsyncClient, path: str, **form: str | list[str]) -> httpx.Response:
    return await client.post(f"/administration/{path}", data=form, headers=of_a_form(client))


async def after(client: httpx.AsyncClient, path: str, **form: str | list[str]) -> str:
    """Send a form, and return the page that it leads to."""
    answer = await send(client, path, **form)
    assert answer.status_code == 303, answer.text
    shown = await client.get(answer.headers["location"])
    assert shown.status_code == 200
    return shown.text


async def test_a_key_is_shown_once_works_and_stops_when_it_is_revoked(admin: httpx.AsyncClient) -> None:
    made = await send(admin, "keys", name="agents", scopes=["read", "intake"], days="30")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    found = re.search(r"sl1_\d+_[\w-]{43}", made.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert (await admin.get("/api/v1/labels", headers=headers)).status_code == 200
    page = (await admin.get("/administration")).text
    assert found[0] not in page
    key_ids = re.findall(r"/administration/keys/([0-9a-f-]{36})/revoke", page)
    named = re.search(r"agents<small title=\"([0-9a-f-]{36})\"", page)
    assert named is not None
    assert named[1] in key_ids
    assert "The key is revoked." in await after(admin, f"keys/{named[1]}/revoke")
    assert (await admin.get("/api/v1/labels", headers=headers)).status_code == 401
    lines = list(csv.DictReader(io.StringIO((await admin.get("/administration.csv")).text)))
    newest = {line["action"]: line["subject"] for line in lines[:2]}
    assert newest == {
        "POST /administration/keys": named[1],
        "POST /administration/keys/{key_id}/revoke": named[1],
    }


async def test_a_member_gets_a_role_and_is_removed(
    admin: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    path = f"members/{member_text(MEMBER)}"
    assert "The role is changed" in await after(admin, f"{path}/role", role="auditor")
    assert "auditor, set here" in (await admin.get("/administration")).text
    assert "The role is changed" in await after(admin, f"{path}/role", role="")
    assert "The member is removed" in await after(admin, f"{path}/remove")
    async with database.organization(organization.organization_id) as tenant:
        (row,) = await list_members(tenant, member=MEMBER)
    assert row["removed_at"] is not None


async def test_an_admin_makes_and_unmakes_no_owner(
    admin: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    refused = [
        await send(admin, f"members/{member_text(MEMBER)}/role", role="owner"),
        await send(admin, f"members/{member_text(OWNER)}/role", role="viewer"),
        await send(admin, f"members/{member_text(OWNER)}/remove"),
        await send(admin, "sign-in-rules", **{**RULE, "role": "owner"}),
        await send(admin, "keys", name="all", scopes=["owner"]),
    ]
    assert {answer.status_code for answer in refused} == {403}
    await sign_in(admin, database, organization, Role.OWNER)
    assert "is set" in await after(admin, "sign-in-rules", **{**RULE, "role": "owner"})
    await sign_in(admin, database, organization, Role.ADMIN)
    assert (await send(admin, "sign-in-rules", **RULE)).status_code == 403


async def test_rules_labels_and_dead_letters_are_changed_by_forms(admin: httpx.AsyncClient) -> None:
    page = await after(admin, "sign-in-rules", **RULE)
    assert "OpenID Connect, group platform" in page
    (rule_id,) = re.findall(r"/administration/sign-in-rules/(\d+)/delete", page)
    assert "No rule is set" in await after(admin, f"sign-in-rules/{rule_id}/delete")
    assert "Delete all names" in await after(admin, "labels", enabled="true")
    assert "Turn names on" in await after(admin, "labels", enabled="false")
    assert "Nothing could be handed back" in await after(admin, "dead-letters")
    assert (await send(admin, "dead-letters", id="CANARY")).status_code == 400


async def test_a_shared_link_is_revoked(admin: httpx.AsyncClient, organization: Organization) -> None:
    body = {"view": "/spend?period=4w"}
    made = (await admin.post("/api/v1/shared-links", json=body, headers=organization.headers)).json()
    assert "/spend?period=4w" in (await admin.get("/administration")).text
    assert "The link is revoked" in await after(admin, f"shared-links/{made['id']}/revoke")


async def test_a_bad_form_names_its_field(admin: httpx.AsyncClient) -> None:
    answer = await send(admin, "keys", scopes=["read"])
    assert (answer.status_code, "name must be filled in." in answer.text) == (400, True)
    assert (await admin.get("/administration?done=everything")).status_code == 400


async def test_an_auditor_reads_people_and_the_log_only(
    admin: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(admin, database, organization, Role.AUDITOR)
    page = (await admin.get("/administration")).text
    assert "2 people may sign in" in page
    assert 'action="/administration' not in page
    await sign_in(admin, database, organization, Role.VIEWER)
    assert (await admin.get("/administration.csv")).status_code == 403
    assert 'href="/administration"' not in (await admin.get("/setup")).text
