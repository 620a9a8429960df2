"""The way in by a one-time link, and the way out."""

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.signing_in import make_sign_in_link, of_a_form, sign_in


async def test_a_link_works_once(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    link = await make_sign_in_link(database, organization)
    first = await client.get(link)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=lax", "path=/", "max-age=604800"):
        assert attribute in cookie
    assert "domain" not in cookie
    assert (await client.get("/")).status_code == 200
    client.cookies.clear()
    assert (await client.get(link)).status_code == 410
    assert (await client.get("/")).status_code == 401


async def test_an_expired_link_is_refused(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    link = await make_sign_in_link(database, organization)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE sign_in_link SET expires_at = now() - interval '1 second' WHERE organization_id = $1"
        )
    answer = await client.get(link)
    assert answer.status_code == 410
    assert "no longer works" in answer.text


@pytest.mark.parametrize("token", ["no-token", "1-short", "0-" + "a" * 43, "999999-" + "a" * 43, "1-" + "a" * 43])
async def test_what_is_no_link_is_refused_like_a_used_one(
    client: httpx.AsyncClient,
    organization: Organization,  # noqa: ARG001 - so that number 1 exists
    token: str,
) -> None:
    answer = await client.get(f"/sign-in/{token}")
    assert answer.status_code == 410
    assert token not in answer.text


async def test_after_many_wrong_links_an_address_must_wait(
    settings: Settings, database: Database, organization: Organization
) -> None:
    link = await make_sign_in_link(database, organization)
    wrong = f"{organization.organization_id}-{'a' * 43}"
    async with serve(create_app(settings.model_copy(update={"failed_sign_ins": 2}))) as client:
        for path in (f"/sign-in/{wrong}", f"/shared/{wrong}"):
            assert (await client.get(path)).status_code == 410
        for path in (link, f"/sign-in/{wrong}", f"/shared/{wrong}"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
            assert "try again later" in answer.text


async def test_signing_out_ends_the_session_on_the_server_too(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    kept = dict(client.cookies)
    assert (await client.post("/sign-out", headers=of_a_form(client))).status_code == 303
    assert dict(client.cookies) == {}
    client.cookies.update(kept)
    assert (await client.get("/")).status_code == 401


async def test_each_sign_in_begins_a_new_session_and_ends_the_former_one(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization)
    former = dict(client.cookies)
    await sign_in(client, database, organization)
    assert dict(client.cookies) != former
    client.cookies.update(former)
    assert (await client.get("/")).status_code == 401


async def test_a_link_gives_its_role(client: httpx.AsyncClient, database: Database, organization: Organization) -> None:
    await sign_in(client, database, organization, Role.VIEWER)
    assert (await client.get("/")).status_code == 200
    answer = await client.get("/github")
    assert (answer.status_code, "needs the role admin" in answer.text) == (403, True)


async def test_a_role_in_one_team_does_not_open_pages_of_the_whole_organization(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    await sign_in(client, database, organization, Role.VIEWER, organization.default_team_id)
    answer = await client.get("/repairs")
    assert (answer.status_code, "limited to one team" in answer.text) == (403, True)


async def test_the_sign_in_page_leads_who_is_signed_in_to_the_dashboard(
    client: httpx.AsyncClient, database: Database, organization: Organization
) -> None:
    asked = await client.get("/sign-in")
    assert (asked.status_code, "shipledger dashboard-link" in asked.text) == (200, True)
    await sign_in(client, database, organization)
    assert (await client.get("/sign-in")).headers["location"] == "/"
