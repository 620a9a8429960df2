"""A GitHub App is registered by its manifest: from the request over GitHub's page to sealed credentials."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import httpx
import pytest

from key_services.configured import ring_of
from schema.database import Database
from schema.github_apps import AppVault
from schema.settings import Settings
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.organization import Organization
from workers.forges.clients import Clients
from workers.jobs.delete_expired import delete_expired
from workers.stores.upkeep.due_work import find_due

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]


async def test_an_app_is_registered_and_its_secrets_are_stored_sealed(
    app_set_up: AppSetUp, table: Table, settings: Settings
) -> None:
    begun = await app_set_up.begin(organization="octo-org")
    assert begun["action"] == f"{app_set_up.url}/organizations/octo-org/settings/apps/new"
    assert begun["warnings"] == []
    page = await app_set_up.client.get(begun["page"])
    state = begun["page"].rpartition("/")[2]
    assert f'action="{begun["action"]}?state={state}"' in page.text
    assert "form-action http://127.0.0.1:" in page.headers["content-security-policy"]
    answer = await app_set_up.client.get(app_set_up.confirm(begun))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/github/register/{state}")
    assert "One moment" in (await app_set_up.client.get(answer.headers["location"])).text
    [row] = await table("github_app")
    assert (row["state"], row["sealed_form"], row["app_id"]) == ("waiting", None, None)

    await app_set_up.work()
    shown = await app_set_up.show(begun)
    app = app_set_up.fake.apps.registered[shown["app_id"]]
    assert (shown["state"], shown["failure"], shown["connections"]) == ("registered", None, [])
    assert shown["install_url"].startswith(f"{app_set_up.url}/github-apps/{app.slug}/installations/new?state=")
    assert shown["install_url"].partition("?")[0] in (await app_set_up.client.get(answer.headers["location"])).text
    [row] = await table("github_app")
    assert row["sealed_code"] is None
    assert app.pem().encode() not in row["sealed_credentials"]
    vault = AppVault(ring_of(settings))
    credentials = vault.credentials(row["organization_id"], row["sealed_credentials"])
    assert (credentials.private_key, credentials.webhook_secret) == (app.pem().strip(), app.webhook_secret)
    assert "PRIVATE" not in repr(credentials)
    assert str(app.webhook_secret) not in repr(credentials)


async def test_a_registered_app_is_tried_at_once(app_set_up: AppSetUp) -> None:
    _, shown = await app_set_up.registered()
    assert shown["trial"] == {"state": "works", "reason": None}
    assert app_set_up.fake.apps.sent == ["conversion", "app"]


async def test_an_app_whose_key_github_refuses_says_what_it_answered(app_set_up: AppSetUp) -> None:
    begun = await app_set_up.begin()
    assert (await app_set_up.client.get(app_set_up.confirm(begun))).status_code == 303
    app_set_up.fake.apps.refuses_keys = True
    await app_set_up.work()
    shown = await app_set_up.show(begun)
    assert (shown["state"], shown["failure"], shown["trial"]["state"]) == ("registered", None, "refused")
    assert "It answered: 401 A JSON web token could not be decoded." in shown["trial"]["reason"]
    page = await app_set_up.client.get(f"/github/register/{begun['page'].rpartition('/')[2]}")
    assert "GitHub refuses the App or its key" in page.text


async def test_a_code_is_exchanged_once_and_a_used_one_gives_one_clear_error(app_set_up: AppSetUp) -> None:
    begun = await app_set_up.begin()
    back = app_set_up.confirm(begun)
    code = back.partition("code=")[2].partition("&")[0]
    app_set_up.fake.apps.codes.pop(code)
    assert (await app_set_up.client.get(back)).status_code == 303
    await app_set_up.work()
    shown = await app_set_up.show(begun)
    assert shown["state"] == "failed"
    assert shown["failure"].startswith("GitHub does not know this code: it was used before, or is older than an hour")
    await app_set_up.work()
    assert app_set_up.fake.apps.sent == ["conversion"]


async def test_a_late_code_is_not_sent_and_the_page_explains_why(app_set_up: AppSetUp) -> None:
    begun = await app_set_up.begin()
    assert (await app_set_up.client.get(app_set_up.confirm(begun))).status_code == 303
    app_set_up.fake.clock.sleep(timedelta(hours=2).total_seconds())
    await app_set_up.work()
    assert "within the hour" in (await app_set_up.show(begun))["failure"]
    assert app_set_up.fake.apps.sent == []


async def test_an_unreachable_github_is_retried_within_the_hour(
    app_set_up: AppSetUp, database: Database, organization: Organization, table: Table
) -> None:
    begun = await app_set_up.begin(base_url="http://127.0.0.1:1")
    back = app_set_up.confirm(begun)
    assert (await app_set_up.client.get(back)).status_code == 303
    await app_set_up.work()
    assert (await app_set_up.show(begun))["state"] == "waiting"
    [row] = await table("github_app")
    assert row["failure"] == "forge_away: the connection was refused"
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE github_app SET next_attempt_at = now(), base_url = $2 WHERE organization_id = $1", app_set_up.url
        )
    async with database.operator() as connection:
        due = await find_due(connection, timedelta())
    assert ("set_up_github_apps", organization.organization_id) in due
    await app_set_up.work()
    assert (await app_set_up.show(begun))["state"] == "registered"


async def test_a_state_is_answered_once_and_a_foreign_one_never(app_set_up: AppSetUp) -> None:
    begun = await app_set_up.begin()
    back = app_set_up.confirm(begun)
    foreign = re.sub(r"state=(\d+)-.{43}", r"state=\1-" + "a" * 43, back)
    for wrong in (foreign, back.replace("state=", "stat="), re.sub(r"state=\d+", "state=999", back)):
        answer = await app_set_up.client.get(wrong)
        assert answer.status_code == 403
        assert "App set-up is unknown or older than an hour" in answer.text
    answer = await app_set_up.client.get(re.sub(r"code=[^&]*", "code=a%2Fb", back))
    assert (answer.status_code, "no valid code" in answer.text) == (400, True)
    assert (await app_set_up.client.get(back)).status_code == 303
    again = await app_set_up.client.get(back)
    assert (again.status_code, "GitHub has already answered this App set-up" in again.text) == (409, True)
    await app_set_up.work()
    assert (await app_set_up.client.get(back)).status_code == 409
    assert app_set_up.fake.apps.sent == ["conversion", "app"]


async def test_a_state_is_good_for_an_hour(
    app_set_up: AppSetUp, database: Database, organization: Organization
) -> None:
    begun = await app_set_up.begin()
    back = app_set_up.confirm(begun)
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE github_app SET expires_at = now() WHERE organization_id = $1")
    assert (await app_set_up.client.get(back)).status_code == 403
    assert (await app_set_up.client.get(begun["page"])).status_code == 404
    shown = await app_set_up.show(begun)
    assert (shown["state"], "limit of one hour" in shown["failure"]) == ("failed", True)


async def test_what_came_to_nothing_is_forgotten_after_a_day(
    app_set_up: AppSetUp, database: Database, organization: Organization, table: Table
) -> None:
    await app_set_up.registered()
    await app_set_up.begin()
    for hours, left in ((23, ["registered", "started"]), (25, ["registered"])):
        async with database.organization(organization.organization_id) as tenant:
            await tenant.execute(
                "UPDATE github_app SET expires_at = now() - make_interval(hours => $2) WHERE organization_id = $1",
                hours,
            )
        await delete_expired(app_set_up.context)
        assert [row["state"] for row in await table("github_app ORDER BY created_at")] == left


async def test_a_server_on_a_private_network_is_refused_unless_allowed(app_set_up: AppSetUp) -> None:
    begun = await app_set_up.begin()
    assert (await app_set_up.client.get(app_set_up.confirm(begun))).status_code == 303
    allowed = app_set_up.context
    app_set_up.context = replace(allowed, forges=Clients(allow_private=False))
    await app_set_up.work()
    shown = await app_set_up.show(begun)
    assert (shown["state"], "SHIPLEDGER_ALLOW_PRIVATE_HOSTS" in shown["failure"]) == ("failed", True)
    assert app_set_up.fake.apps.sent == []


async def test_a_server_that_is_not_a_github_is_reported(app_set_up: AppSetUp, client: httpx.AsyncClient) -> None:
    begun = await app_set_up.begin()
    assert (await client.get(app_set_up.confirm(begun))).status_code == 303
    app = app_set_up.fake.apps.registered[41]
    app.slug = "CANARY@elsewhere"
    app_set_up.fake.apps.url = "https://elsewhere.example"
    await app_set_up.work()
    shown = await app_set_up.show(begun)
    assert (shown["state"], shown["failure"].startswith("No GitHub answers")) == ("failed", True)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"base_url": "ftp://github.example.com"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://me:secret@github.example.com"}, "base_url"),
        ({"organization": "octo/org"}, "organization"),
        ({"public_url": "ledger"}, "public_url"),
        ({"name": "x" * 35}, "name"),
        ({"unheard": 1}, "unheard"),
    ],
)
async def test_bad_input_names_its_field_and_stores_nothing(
    app_set_up: AppSetUp, table: Table, asked: dict[str, object], field: str
) -> None:
    assert (await app_set_up.begin(400, **asked))["field"] == field
    assert await table("github_app") == []


async def test_a_dry_run_shows_the_manifest_and_stores_nothing(app_set_up: AppSetUp, table: Table) -> None:
    shown = await app_set_up.begin(200, dry_run=True, team_sync=True, summaries=True)
    assert (shown["id"], shown["page"]) == (None, None)
    assert (
        shown["manifest"]["default_permissions"] | {"members": "read", "checks": "write"}
        == (shown["manifest"]["default_permissions"])
    )
    assert await table("github_app") == []


async def test_an_address_that_no_forge_reaches_is_warned_of_and_gets_no_hook(app_set_up: AppSetUp) -> None:
    app, shown = await app_set_up.registered(public_url="http://localhost:8787")
    begun = await app_set_up.begin(public_url="http://localhost:8787")
    assert "GitHub cannot reach http://localhost:8787" in begun["warnings"][0]
    assert "GitHub cannot reach http://localhost:8787" in (await app_set_up.client.get(begun["page"])).text
    assert "hook_attributes" not in app.manifest
    assert app.webhook_secret is None
    assert shown["state"] == "registered"


async def test_another_organization_cannot_see_the_registration(
    app_set_up: AppSetUp, other_organization: Organization
) -> None:
    _, shown = await app_set_up.registered()
    answer = await app_set_up.client.get("/api/v1/github-apps", headers=other_organization.headers)
    assert answer.json()["items"] == []
    answer = await app_set_up.client.get(f"/api/v1/github-apps/{shown['id']}", headers=other_organization.headers)
    assert answer.status_code == 404
