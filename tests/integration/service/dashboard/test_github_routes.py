"""The GitHub page: for whoever is signed in, from the form to the progress of a backfill."""

from urllib.parse import urlsplit

import httpx
import pytest

from schema.database import Database
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.histories import make_repository
from tests.harness.organization import Organization
from tests.harness.signing_in import of_a_form, sign_in
from workers.jobs.backfill import backfill


@pytest.fixture
async def signed_in(app_set_up: AppSetUp, database: Database, organization: Organization) -> AppSetUp:
    await sign_in(app_set_up.client, database, organization)
    return app_set_up


async def test_viewing_and_starting_a_registration_require_signing_in(client: httpx.AsyncClient) -> None:
    own = {"Origin": "http://127.0.0.1"}
    for answer in (await client.get("/github"), await client.post("/github", data={}, headers=own)):
        assert (answer.status_code, "sign in first" in answer.text.lower()) == (401, True)


async def test_the_form_leads_to_github_and_back_to_the_progress_of_the_backfill(signed_in: AppSetUp) -> None:
    client, fake = signed_in.client, signed_in.fake
    fake.repositories = {"octo/shop": make_repository(1, "octo/shop", pull_requests=8)}
    assert ">Status</h2>" not in (await client.get("/github")).text
    form = {"organization": "octo-org", "base_url": signed_in.url, "public_url": "", "summaries": "on"}
    answer = await client.post("/github", data=form, headers=of_a_form(client))
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    assert f"{signed_in.url}/organizations/octo-org/settings/apps/new?state=" in page.text
    assert "&#34;checks&#34;: &#34;write&#34;" in page.text
    assert "&#34;members&#34;" not in page.text

    dry = await signed_in.begin(200, dry_run=True, public_url=None)
    place = urlsplit(fake.apps.confirm(dry["manifest"], answer.headers["location"].rpartition("/")[2]))
    assert (await client.get(f"{place.path}?{place.query}")).status_code == 303
    assert 'http-equiv="refresh"' in (await client.get("/github")).text
    await signed_in.work()
    listed = await client.get("/api/v1/github-apps", headers=signed_in.organization.headers)
    [shown] = listed.json()["items"]
    text = (await client.get("/github")).text
    assert f"App {shown['app_id']} on 127.0.0.1 is registered, with 0 installations." in text
    assert f'href="{signed_in.url}/github-apps/' in text
    app = fake.apps.registered[shown["app_id"]]
    assert (await signed_in.come_back(shown, fake.apps.install(app, list(fake.repositories.values())))).headers[
        "location"
    ] == "/github"
    await signed_in.work()
    assert 'value="0"' in (await client.get("/github")).text
    await backfill(signed_in.context, signed_in.organization.organization_id)
    text = (await client.get("/github")).text
    assert "Done: 1 of 1 repositories, 8 pull requests" in text
    assert 'http-equiv="refresh"' not in text


async def test_bad_input_is_a_page_that_names_the_field(signed_in: AppSetUp) -> None:
    data = {"base_url": "ftp://github.example.com"}
    answer = await signed_in.client.post("/github", data=data, headers=of_a_form(signed_in.client))
    assert answer.status_code == 400
    assert "base_url must be a web address" in answer.text
