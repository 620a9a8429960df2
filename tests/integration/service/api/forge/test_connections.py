import httpx
import pytest

from schema.database import Database
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge

PATH = "/api/v1/connections"


async def test_each_connection_has_its_own_secret(client: httpx.AsyncClient, organization: Organization) -> None:
    made = [
        (await client.post(PATH, json={"forge": forge}, headers=organization.headers)).json()
        for forge in ("github", "github", "gitlab")
    ]
    assert len({each["id"] for each in made}) == len({each["secret"] for each in made}) == 3
    assert all(len(each["secret"]) >= 40 for each in made)
    assert [each["host"] for each in made] == ["github.com", "github.com", "gitlab.com"]
    # GitLab takes signing tokens in this form only.
    assert made[2]["secret"].startswith("whsec_")
    assert made[0]["webhook_url"] == f"http://127.0.0.1/webhooks/github/{made[0]['id']}"


async def test_a_secret_of_ones_own_is_used(client: httpx.AsyncClient, organization: Organization) -> None:
    body = {"forge": "github", "secret": "my own", "base_url": "https://Git.Example.com:8443/x"}
    answer = await client.post(PATH, json=body, headers=organization.headers)
    assert (answer.status_code, answer.json()["secret"], answer.json()["host"]) == (201, "my own", "git.example.com")
    assert (await Forge(client, "github", answer.json()).send("push", {"a": 1})).status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"forge": "github", "secret": ""}, "secret"),
        ({"forge": "github", "secret": "  "}, "secret"),
        ({"forge": "subversion"}, "forge"),
        ({"forge": "gitlab", "base_url": "ftp://example.com"}, "base_url"),
        ({"forge": "gitlab", "base_url": "https://[broken"}, "base_url"),
        ({"forge": "gitlab", "base_url": ""}, "base_url"),
    ],
)
async def test_what_cannot_be_used_is_400_and_named(
    client: httpx.AsyncClient, organization: Organization, body: dict[str, str], field: str
) -> None:
    answer = await client.post(PATH, json=body, headers=organization.headers)
    assert (answer.status_code, answer.json().get("field")) == (400, field)


async def test_the_list_shows_connections_without_secrets(
    client: httpx.AsyncClient, organization: Organization, other_organization: Organization
) -> None:
    forge = await Forge.connect(client, organization, "github")
    before = (await client.get(PATH, headers=organization.headers)).json()["items"]
    assert [each["last_delivery_at"] for each in before] == [None]
    await forge.send("push", {"a": 1})
    answer = await client.get(PATH, headers=organization.headers)
    [shown] = answer.json()["items"]
    assert (shown["id"], shown["state"], shown["webhook_url"]) == (
        forge.made["id"],
        "active",
        forge.made["webhook_url"],
    )
    assert shown["last_delivery_at"] is not None
    assert forge.made["secret"] not in answer.text
    assert (await client.get(PATH, headers=other_organization.headers)).json()["items"] == []


async def test_without_a_key_there_is_nothing_to_see_or_make(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 401
    assert (await client.post(PATH, json={"forge": "github"})).status_code == 401


async def test_the_secret_is_stored_sealed(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    forge = await Forge.connect(client, organization, "github")
    async with database.organization(organization.organization_id) as tenant:
        sealed = await tenant.connection.fetchval("SELECT sealed_secret FROM connection")
    assert forge.made["secret"].encode() not in sealed


async def test_an_access_token_is_sealed_replaced_and_taken_away_but_never_shown(
    client: httpx.AsyncClient, organization: Organization, other_organization: Organization, database: Database
) -> None:
    token = "ghp_CANARY_token"
    body = {"forge": "github", "base_url": "https://person:word@Git.example.com:8443/forge/", "token": token}
    refused = await client.post(PATH, json=body, headers=organization.headers)
    assert (refused.status_code, refused.json()["field"]) == (400, "base_url")
    assert "person:" not in refused.text
    body["base_url"] = "https://Git.example.com:8443/forge/"
    made = await client.post(PATH, json=body, headers=organization.headers)
    assert made.status_code == 201
    address = f"{PATH}/{made.json()['id']}/token"

    async def has_token() -> bool:
        answer = await client.get(PATH, headers=organization.headers)
        assert token not in answer.text
        return answer.json()["items"][0]["has_token"]

    assert await has_token()
    async with database.organization(organization.organization_id) as tenant:
        assert (
            await tenant.connection.fetchval("SELECT base_url FROM connection") == "https://git.example.com:8443/forge"
        )
    for value, expected in ((None, False), (token, True)):
        answer = await client.put(address, json={"token": value}, headers=organization.headers)
        assert (answer.status_code, answer.json()["state"]) == (200, "running" if value else "none")
        assert await has_token() is expected
    assert (await client.put(address, json={"token": None}, headers=other_organization.headers)).status_code == 404
    assert (await client.put(address, json={"token": "a\nb"}, headers=organization.headers)).json()["field"] == "token"
    assert await has_token()


async def test_a_new_token_is_tried_at_once(client: httpx.AsyncClient, organization: Organization) -> None:
    made = await client.post(PATH, json={"forge": "github"}, headers=organization.headers)
    address = f"{PATH}/{made.json()['id']}"

    async def states() -> set[str]:
        shown = await client.get(address, headers=organization.headers)
        return {repair["state"] for repair in shown.json()["repairs"]}

    assert (await client.put(f"{address}/token", json={"token": None}, headers=organization.headers)).json() == {
        "state": "none",
        "reason": None,
    }
    assert await states() == set()
    given = await client.put(f"{address}/token", json={"token": "ghp_CANARY_token"}, headers=organization.headers)
    assert given.json()["state"] == "running"
    assert "shipledger doctor" in given.json()["reason"]
    assert await states() == {"running"}


async def test_a_token_that_another_connection_has_is_refused(
    client: httpx.AsyncClient, organization: Organization, other_organization: Organization
) -> None:
    body = {"forge": "github", "token": "ghp_CANARY_token"}
    made = await client.post(PATH, json=body, headers=organization.headers)
    again = await client.post(PATH, json=body, headers=organization.headers)
    assert (again.status_code, again.json()["field"]) == (409, "token")
    assert made.json()["id"] in again.text
    assert "CANARY" not in again.text
    elsewhere = body | {"base_url": "https://github.example.com"}
    for allowed, headers in ((elsewhere, organization.headers), (body, other_organization.headers)):
        assert (await client.post(PATH, json=allowed, headers=headers)).status_code == 201
