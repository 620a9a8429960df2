"""What a forge sees: 202 for what was verified and stored once, and a problem for everything else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.queue import Job, Queue
from schema.settings import Settings
from service.app import create_app
from service.webhooks.envelopes import github_key
from tests.harness.organization import Organization
from tests.harness.service import serve
from tests.harness.webhooks import Forge, recorded, signing_token_headers

Rows = Callable[[], Awaitable[list[asyncpg.Record]]]
OPENED = recorded("github", "pull_request__opened")


async def test_a_verified_body_is_stored_sealed_and_waits(
    github: Forge, deliveries: Rows, settings: Settings, organization: Organization
) -> None:
    answer = await github.send("pull_request", OPENED, "guid-1")
    assert (answer.status_code, answer.json()) == (202, {"delivery": "stored"})
    [row] = await deliveries()
    key = github_key({}, json.dumps(OPENED).encode(), github.made["secret"])
    assert (row["event"], row["state"], row["deduplication_key"]) == ("pull_request", "waiting", key)
    assert b"CANARY" not in row["sealed_body"]
    vault = Vault(ring_of(settings), "body")
    assert json.loads(vault.open(organization.organization_id, row["sealed_body"])) == OPENED


async def test_a_stored_delivery_wakes_a_worker(github: Forge, queue: Queue, organization: Organization) -> None:
    assert (await github.send("pull_request", OPENED)).status_code == 202
    # Its wake-up is on its way, so another one is held back.
    assert not await queue.wake(Job.PROCESS_DELIVERIES, organization.organization_id)


async def test_a_repeated_delivery_adds_nothing(github: Forge, gitlab: Forge, deliveries: Rows) -> None:
    for forge in (github, gitlab):
        for _ in range(3):
            assert (await forge.send("push", {"a": 1}, "same")).status_code == 202
    assert len(await deliveries()) == 2
    assert (await github.send("push", {"a": 2}, "other")).status_code == 202
    assert len(await deliveries()) == 3


async def test_the_same_delivery_at_once_is_stored_once(github: Forge, deliveries: Rows) -> None:
    answers = await asyncio.gather(*(github.send("push", {"a": 1}, "same") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len(await deliveries()) == 1


async def test_concurrent_deliveries_are_stored_separately(
    client: httpx.AsyncClient, github: Forge, gitlab: Forge, other_organization: Organization, database: Database
) -> None:
    elsewhere = await Forge.connect(client, other_organization, "github")
    forges = (github, gitlab, elsewhere)
    sent = [(forge, str(number % 4)) for number in range(8) for forge in forges]
    answers = await asyncio.gather(*(forge.send("push", {"a": guid}, guid) for forge, guid in sent))
    assert sorted(answer.json()["delivery"] for answer in answers) == ["repeated"] * 12 + ["stored"] * 12
    async with database.operator() as connection:
        rows = await connection.fetch("SELECT connection_id, deduplication_key FROM delivery")
        seen = await connection.fetchval("SELECT count(last_delivery_at) FROM connection")
    assert len(rows) == len(set(rows)) == 12
    assert seen == len(forges)


async def test_other_paths_and_methods_are_refused(client: httpx.AsyncClient, github: Forge) -> None:
    for path in ("/webhooks", "/webhooks/gitlab", "/webhooks/bitbucket/1", f"{github.path}/more"):
        answer = await client.post(path, json={})
        assert answer.status_code == 404, path
        assert answer.headers["content-type"].startswith("application/problem+json")
    for path in ("/webhooks/github", github.path):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_deliveries_are_counted_by_route(
    client: httpx.AsyncClient, github: Forge, organization: Organization
) -> None:
    assert (await github.send("push", {"a": 1})).status_code == 202
    shown = (await client.get("/metrics", headers=organization.headers)).text
    assert 'route="/webhooks/github/{connection_id}",status="202"} 1.0' in shown


@pytest.mark.parametrize("name", ["github", "gitlab"])
async def test_a_wrong_or_missing_signature_is_401(
    client: httpx.AsyncClient, organization: Organization, deliveries: Rows, name: str
) -> None:
    forge = await Forge.connect(client, organization, name)
    wrong = Forge(client, name, {**forge.made, "secret": "wrong"})
    answer = await wrong.send("push", {"a": 1})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await client.post(forge.path, json={"a": 1})).status_code == 401
    # The signature is checked before the body is looked at.
    assert (await wrong.send("push", b"{")).status_code == 401
    assert await deliveries() == []


async def test_an_unknown_connection_is_404(
    client: httpx.AsyncClient, github: Forge, gitlab: Forge, other_organization: Organization, deliveries: Rows
) -> None:
    own, other = github.made["id"], other_organization.organization_id
    elsewhere = f"{other}-{own.partition('-')[2]}"
    for identifier in ("unknown", own[:-1] + ("0" if own[-1] != "0" else "1"), gitlab.made["id"], elsewhere):
        forge = Forge(client, "github", {**github.made, "id": identifier})
        assert (await forge.send("push", {"a": 1})).status_code == 404
    assert await deliveries() == []


async def test_nothing_is_read_of_a_body_that_cannot_be_verified(
    client: httpx.AsyncClient, github: Forge, gitlab: Forge
) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield b"{}"

    signed = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    unknown = github.path[:-1] + ("0" if github.path[-1] != "0" else "1")
    for path, headers, status in (
        ("/webhooks/github", signed, 404),
        ("/webhooks/github", {**signed, "X-GitHub-Hook-Installation-Target-ID": "4711"}, 404),
        (unknown, signed, 404),
        (github.path, {}, 401),
        (gitlab.path, {}, 401),
        (gitlab.path, {"X-Gitlab-Token": "wrong"}, 401),
    ):
        assert (await client.post(path, content=body(), headers=headers)).status_code == status, path
    assert read == []
    assert (await client.post(github.path, content=body(), headers=signed)).status_code == 401
    assert read == [True]


async def test_invalid_json_is_400_and_not_stored(github: Forge, gitlab: Forge, deliveries: Rows) -> None:
    for forge in (github, gitlab):
        for body in (b"{", b"", b"\xff", b"CANARY"):
            answer = await forge.send("push", body)
            assert answer.status_code == 400
            assert "CANARY" not in answer.text
    assert await deliveries() == []


async def test_json_of_any_shape_and_event_is_stored(github: Forge, deliveries: Rows) -> None:
    for event, payload in (("unheard_of", {}), ("push", []), ("push", 3), ("CANARY@example.com", None)):
        assert (await github.send(event, payload)).status_code == 202
    assert [row["event"] for row in await deliveries()] == ["unheard_of", "push", "push", "unknown"]


async def test_a_form_is_accepted_as_github_sends_it(github: Forge, deliveries: Rows) -> None:
    body = urlencode({"payload": json.dumps(OPENED)}).encode()
    headers = {**github.headers("pull_request", body), "Content-Type": "application/x-www-form-urlencoded"}
    assert (await github.client.post(github.path, content=body, headers=headers)).status_code == 202
    assert len(await deliveries()) == 1


async def test_gitlabs_signing_token_is_verified(gitlab: Forge, deliveries: Rows) -> None:
    body = json.dumps(recorded("gitlab", "merge_request__opened")).encode()
    for key in (b"another key", gitlab.made["secret"].encode()):
        signed = signing_token_headers(key, body, "msg-1")
        answer = await gitlab.client.post(gitlab.path, content=body, headers=signed)
        assert answer.status_code == (401 if key == b"another key" else 202)
    [row] = await deliveries()
    assert row["deduplication_key"] == "msg-1"


@pytest.fixture
async def small(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A service that takes webhooks of at most 1000 bytes."""
    async with serve(create_app(settings.model_copy(update={"webhook_body_limit": 1000}))) as client:
        yield client


async def test_a_body_over_the_limit_is_413_with_and_without_a_length(
    small: httpx.AsyncClient, organization: Organization, deliveries: Rows
) -> None:
    forge = await Forge.connect(small, organization, "github")

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(size):
            yield b" "

    over, within = b" " * 1001, b" " * 998 + b"{}"
    assert (await forge.send("push", over)).status_code == 413
    headers = forge.headers("push", over)
    assert (await small.post(forge.path, content=chunks(1001), headers=headers)).status_code == 413
    lying = {**headers, "Content-Length": "2"}
    assert (await small.post(forge.path, content=chunks(1001), headers=lying)).status_code == 413
    assert (await forge.send("push", within)).status_code == 202
    assert len(await deliveries()) == 1


async def test_a_body_over_the_frameworks_own_limit_is_stored(github: Forge, deliveries: Rows) -> None:
    body = b'{"a": "' + b"x" * (20 * 1024 * 1024) + b'"}'
    assert (await github.send("push", body)).status_code == 202
    assert len(await deliveries()) == 1


async def test_postgres_away_is_503_at_once(settings: Settings, github: Forge) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    async with serve(create_app(away)) as client, asyncio.timeout(5):
        answer = await Forge(client, "github", github.made).send("push", {"a": 1})
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_redis_away_is_still_202_and_nothing_is_lost(
    settings: Settings,
    organization: Organization,
    deliveries: Rows,
    drain: Callable[[], Awaitable[None]],
    database: Database,
) -> None:
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with serve(create_app(away)) as client, asyncio.timeout(10):
        forge = await Forge.connect(client, organization, "github")
        assert (await forge.send("pull_request", OPENED)).status_code == 202
    assert [row["state"] for row in await deliveries()] == ["waiting"]
    await drain()
    assert [row["state"] for row in await deliveries()] == ["processed"]
    async with database.organization(organization.organization_id) as tenant:
        assert await tenant.connection.fetchval("SELECT count(*) FROM pull_request") == 1
