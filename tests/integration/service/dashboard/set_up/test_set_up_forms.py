"""The forms of set-up connect a forge and set team sizes."""

import html
import re

import httpx
import pytest

from schema.database import Database
from service.auth.roles import Role
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in


@pytest.fixture
async def signed_in(client: httpx.AsyncClient, database: Database, organization: Organization) -> httpx.AsyncClient:
    """Sign an administrator in to an organization without data."""
    client.headers.update(organization.headers)
    await sign_in(client, database, organization, Role.ADMIN)
    return client


async def test_a_webhook_is_connected_and_shows_what_to_enter_once(signed_in: httpx.AsyncClient) -> None:
    form = {"forge": "gitlab", "base_url": "", "token": ""}
    answer = await signed_in.post("/setup/connections", data=form, headers=of_a_form(signed_in))
    assert answer.status_code == 200
    [made] = (await signed_in.get("/api/v1/connections")).json()["items"]
    shown = re.findall(r"<code>(.*?)</code>", html.unescape(answer.text))
    assert shown[0].endswith(f"/webhooks/gitlab/{made['id']}")
    assert len(shown[1]) > 20
    text = (await signed_in.get("/setup")).text
    assert "GitLab webhook, gitlab.com: nothing heard yet." in text
    assert shown[1] not in text


async def test_what_cannot_be_connected_is_explained(signed_in: httpx.AsyncClient) -> None:
    form = {"forge": "svn"}
    answer = await signed_in.post("/setup/connections", data=form, headers=of_a_form(signed_in))
    assert answer.status_code == 400
    assert "github" in answer.text


async def test_the_size_of_a_team_is_set(signed_in: httpx.AsyncClient) -> None:
    await signed_in.post("/api/v1/teams", json={"name": "web"})
    headers = of_a_form(signed_in)
    answer = await signed_in.post("/setup/teams", data={"name": "web", "size": "12"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup#team-sizes")
    teams = {each["name"]: each["size"] for each in (await signed_in.get("/api/v1/teams")).json()["items"]}
    assert teams["web"] == 12
    for form in ({"name": "nosuch", "size": "5"}, {"name": "web", "size": "none"}):
        answer = await signed_in.post("/setup/teams", data=form, headers=headers)
        assert answer.status_code in {400, 404}
