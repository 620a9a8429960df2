"""Whoever saw a signed delivery of GitHub may send it again with other headers: it counts once, by its body."""

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from schema.database import Database
from schema.settings import Settings
from service.app import create_app
from tests.harness.forges.app_set_up import AppSetUp
from tests.harness.forges.github_state import Repository
from tests.harness.forges.histories import make_repository
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.webhooks import PAYLOADS, Forge, github_signature, recorded, signing_token_headers
from workers.jobs.process_deliveries import process_deliveries

Rows = Callable[[], Awaitable[list[asyncpg.Record]]]
Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]
SECRET = "the secret of the App"
FACTS = ("pull_request", "activity", "artifact_alias", "branch_commit", "release", "repository", "pull_request_labels")
PUBLISHED = recorded("github", "release__published")


async def stored(table: Table) -> dict[str, list[asyncpg.Record]]:
    return {name: sorted(await table(name), key=repr) for name in FACTS}


async def test_no_recorded_body_changes_anything_the_second_time(
    github: Forge, deliveries: Rows, table: Table, drain: Drain
) -> None:
    paths = sorted((PAYLOADS / "github").glob("*.json"))
    for path in paths:
        assert (await github.send(path.stem.partition("__")[0], path.read_bytes())).json() == {"delivery": "stored"}
    await drain()
    before = await stored(table)
    assert all(before[name] for name in ("pull_request", "activity", "branch_commit", "release"))
    # In another order, as newer and as other events.
    for path in reversed(paths):
        for event in (path.stem.partition("__")[0], "delete", "release", "installation"):
            assert (await github.send(event, path.read_bytes())).json() == {"delivery": "repeated"}
    await drain()
    assert await stored(table) == before
    assert len(await deliveries()) == len(paths)


@pytest.mark.shared
async def test_no_body_from_the_field_changes_anything_the_second_time(
    shared: Path, github: Forge, table: Table, drain: Drain
) -> None:
    paths = sorted((shared / "payloads/github").glob("*.json"))
    for path in paths:
        await github.send(path.stem.partition("__")[0], path.read_bytes())
    await drain()
    before = await stored(table)
    for path in reversed(paths):
        answer = await github.send(path.stem.partition("__")[0], path.read_bytes())
        # A repository may be removed and added again.
        again = "stored" if path.stem.startswith("installation_repositories__added") else "repeated"
        assert answer.json() == {"delivery": again}, path
    await drain()
    assert await stored(table) == before


async def test_a_release_that_was_published_again_is_not_unpublished_by_a_replay(
    github: Forge, table: Table, drain: Drain
) -> None:
    """An unpublished release's body has no time of its own, so it counts as of when it was received."""
    unpublished = {**PUBLISHED, "action": "unpublished"}
    again = {**PUBLISHED, "release": {**PUBLISHED["release"], "published_at": "2099-01-01T00:00:00Z"}}
    for payload in (PUBLISHED, unpublished, again):
        await github.deliver_payload("release", payload)
        await drain()
    assert [row["state"] for row in await table("release")] == ["published"]
    assert (await github.send("release", unpublished)).json() == {"delivery": "repeated"}
    await drain()
    assert [row["state"] for row in await table("release")] == ["published"]


async def test_a_redelivery_by_github_itself_is_repeated_too(github: Forge) -> None:
    for outcome in ("stored", "repeated"):
        assert (await github.send("release", PUBLISHED, "the same GUID")).json() == {"delivery": outcome}


async def test_other_headers_do_not_make_it_another_delivery(github: Forge, deliveries: Rows) -> None:
    body = json.dumps(PUBLISHED).encode()
    assert (await github.send("release", body)).json() == {"delivery": "stored"}
    for changed in (
        {"X-GitHub-Delivery": ""},
        {"X-GitHub-Hook-ID": "999"},
        {"X-GitHub-Hook-Installation-Target-ID": "5"},
        {"X-GitHub-Event": "installation_repositories"},
        {"X-Hub-Signature-256": github_signature(github.made["secret"], body) + " "},
    ):
        headers = {**github.headers("release", body), **changed}
        answer = await github.client.post(github.path, content=body, headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"delivery": "repeated"}), changed
    assert len(await deliveries()) == 1


async def test_a_body_signed_for_another_connection_is_refused(
    client: httpx.AsyncClient, github: Forge, other_organization: Organization
) -> None:
    body = json.dumps(PUBLISHED).encode()
    other = await Forge.connect(client, other_organization, "github")
    answer = await client.post(other.path, content=body, headers=github.headers("release", body))
    assert answer.status_code == 401


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A service with the operator's GitHub App."""
    with_app = settings.model_copy(update={"github_webhook_secret": SecretStr(SECRET)})
    async with serve(create_app(with_app)) as client:
        yield client


async def test_a_delivery_of_an_app_counts_once_whatever_host_its_headers_name(
    app: httpx.AsyncClient, deliveries: Rows, table: Table
) -> None:
    payload = {**PUBLISHED, "installation": {"id": 5}, "sender": {"html_url": "https://github.com/CANARY-login"}}
    body = json.dumps(payload).encode()
    outcomes = []
    for changed in ({}, {"X-GitHub-Enterprise-Host": "git.example.com"}, {"X-GitHub-Enterprise-Host": "github.com"}):
        headers = {
            "X-GitHub-Event": "release",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": github_signature(SECRET, body),
            **changed,
        }
        outcomes.append((await app.post("/webhooks/github", content=body, headers=headers)).json()["delivery"])
    assert outcomes == ["stored", "repeated", "repeated"]
    assert len(await deliveries()) == 1
    assert [row["host"] for row in await table("connection")] == ["github.com"]


async def test_gitlabs_signature_covers_the_id_by_which_a_delivery_counts(gitlab: Forge, deliveries: Rows) -> None:
    body = json.dumps(recorded("gitlab", "tag_push__deleted")).encode()
    signed = signing_token_headers(gitlab.made["secret"].encode(), body, "msg-1")

    async def send(**changed: str) -> Any:
        headers = {**signed, **{name.replace("_", "-"): value for name, value in changed.items()}}
        return await gitlab.client.post(gitlab.path, content=body, headers=headers)

    assert (await send()).json() == {"delivery": "stored"}
    assert (await send()).json() == {"delivery": "repeated"}
    assert (await send(idempotency_key="another", x_gitlab_webhook_uuid="another")).json() == {"delivery": "repeated"}
    for changed in ({"webhook_id": "msg-2"}, {"webhook_timestamp": str(int(signed["webhook-timestamp"]) + 1)}):
        assert (await send(**changed)).status_code == 401
    assert len(await deliveries()) == 1


@pytest.fixture
def repositories(app_set_up: AppSetUp) -> list[Repository]:
    made = [make_repository(1, "octo/shop", pull_requests=2), make_repository(2, "octo/site", pull_requests=2, seed=2)]
    app_set_up.fake.repositories = {each.path: each for each in made}
    return made


async def test_replayed_additions_of_a_repository_begin_no_further_backfill_within_an_hour(
    app_set_up: AppSetUp, repositories: list[Repository], table: Table, database: Database
) -> None:
    app, _ = await app_set_up.registered()
    shop, site = repositories
    installation = app_set_up.fake.apps.install(app, [shop])
    await app_set_up.send_installation(app, installation, "created")
    given = [{"id": site.number, "full_name": site.path, "name": "site", "private": True}]
    added, removed = (
        app_set_up.fake.apps.payload(app, installation, action, repositories_added=gained, repositories_removed=lost)
        for action, gained, lost in (("added", given, []), ("removed", [], given))
    )

    async def send(payload: dict[str, Any]) -> int:
        assert (await app_set_up.send(app, "installation_repositories", payload)).status_code == 202
        await process_deliveries(app_set_up.context, app_set_up.organization.organization_id)
        return len([row for row in await table("backfill_step") if row["stage"] != "list"])

    assert [await send(added) for _ in range(3)] == [1, 1, 1]
    # A repository that was removed and is added again is fetched again, although both bodies are the same.
    assert await send(removed) == 1
    assert await send(added) == 2
    # A replayed removal does not end it.
    assert await send(removed) == 2
    assert sorted(row["state"] for row in await table("backfill_step") if row["stage"] != "list") == ["dead", "waiting"]
    steps = (
        "UPDATE backfill_step SET state = 'processed', finished_at = now() - $2::interval WHERE organization_id = $1"
    )
    async with database.organization(app_set_up.organization.organization_id) as tenant:
        await tenant.execute(steps, timedelta(minutes=59))
    assert await send(added) == 2
    async with database.organization(app_set_up.organization.organization_id) as tenant:
        await tenant.execute(steps, timedelta(minutes=61))
    assert await send(added) == 3
