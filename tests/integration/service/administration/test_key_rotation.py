"""After a rotation the present secret key opens every stored value, and the earlier one opens nothing."""

import asyncio
import contextlib
import itertools
import json
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import MARK, NONCE_BYTES, Vault
from schema.errors import SetUpError
from schema.key_ring import KeyRing, derive_key, key_id_of
from schema.organization_keys import OrganizationKeys
from schema.queue import Queue
from schema.sealed_columns import SEALED_COLUMNS
from schema.settings import Settings
from service.administration.key_rotation import read_status, rotate
from service.administration.organizations import add_organization
from tests.conftest import MASTER_SECRET, run_jobs
from tests.harness.applications import application
from tests.harness.every_table import EveryTable, dump, values_in
from tests.harness.organization import Organization
from tests.harness.otlp import PROTOBUF, as_protobuf, claude_logs, claude_request
from tests.harness.service import serve
from tests.harness.webhooks import Forge, recorded
from workers.context import WorkerContext

NEXT_SECRET = "the next secret of the tests, long enough to be one"
PURPOSES = {each.purpose for each in SEALED_COLUMNS}


def with_keys(settings: Settings, present: str, *others: str) -> Settings:
    return settings.model_copy(
        update={"secret_key": SecretStr(present), "other_secret_keys": SecretStr(json.dumps(others))}
    )


def next_keys(settings: Settings) -> Settings:
    """Return settings after the second step of a change: the next key encrypts, the earlier one still decrypts."""
    return with_keys(settings, NEXT_SECRET, MASTER_SECRET)


def opens(ring: KeyRing, value: bytes, organizations: range) -> bool:
    """Return whether a key opens a value for any purpose and organization."""
    for purpose, organization_id in itertools.product(PURPOSES, organizations):
        with contextlib.suppress(SetUpError):
            Vault(ring, purpose).open(organization_id, value)
            return True
    return False


async def stored_bytes(url: str) -> list[bytes]:
    """Return every value of bytes in the database."""
    connection = await asyncpg.connect(url)
    rows = [row for rows in (await dump(connection)).values() for row in rows]
    await connection.close()
    return [value for row in rows for value in values_in(row) if isinstance(value, bytes)]


@pytest.fixture
async def filled(unchecked: Settings, superuser_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Fill every table for two organizations, and seal one value as the first version did."""
    connection = await asyncpg.connect(superuser_url)
    for number in (1, 2):
        assert await add_organization(unchecked, f"company {number}") == number
        await EveryTable(number, f"canary-{number}", ring_of(unchecked)).fill(connection)
    nonce = os.urandom(NONCE_BYTES)
    older = nonce + AESGCM(derive_key(MASTER_SECRET, "token")).encrypt(nonce, zlib.compress(b"older"), b"token/1")
    await connection.execute("UPDATE connection SET sealed_token = $1 WHERE organization_id = 1", older)
    yield connection
    await connection.close()


async def test_every_sealed_value_is_sealed_again_and_the_earlier_key_opens_none(
    unchecked: Settings, filled: asyncpg.Connection, superuser_url: str
) -> None:
    settings, number = next_keys(unchecked), 2 * len(SEALED_COLUMNS)
    before = await read_status(settings)
    assert before.left == number
    assert {(each.key, each.state, each.values) for each in before.keys} == {
        (key_id_of(NEXT_SECRET).hex(), "encrypts", 0),
        (key_id_of(MASTER_SECRET).hex(), "decrypts", number - 1),
        ("", "decrypts", 1),
    }
    values = await stored_bytes(superuser_url)
    assert sum(opens(KeyRing.of(MASTER_SECRET), value, range(1, 3)) for value in values) == number

    done = await rotate(settings)

    assert (done.sealed_again, done.unreadable, done.left) == (number, 0, 0)
    assert (await read_status(settings)).left == 0
    values = await stored_bytes(superuser_url)
    assert not any(opens(KeyRing.of(MASTER_SECRET), value, range(1, 3)) for value in values)
    assert sum(opens(KeyRing.of(NEXT_SECRET), value, range(1, 3)) for value in values) == number
    ring = KeyRing.of(NEXT_SECRET)
    for each in SEALED_COLUMNS:
        row = await filled.fetchval(f"SELECT {each.column} FROM {each.table} WHERE organization_id = 2")
        plain = Vault(ring, each.purpose).open(2, row)
        assert len(plain) == 32 if each.table == "organization" else plain.startswith(b"canary-2")
    sealed = await filled.fetchval("SELECT sealed_token FROM connection WHERE organization_id = 1")
    assert Vault(ring, "token").open(1, sealed) == b"older"
    assert (await rotate(settings)).sealed_again == 0


async def test_a_value_of_an_unknown_key_is_left_and_reported_and_the_others_are_not(
    unchecked: Settings, filled: asyncpg.Connection
) -> None:
    lost = Vault(KeyRing.of("a secret that nobody knows any more"), "body").seal(1, b"x")
    await filled.execute("UPDATE delivery SET sealed_body = $1 WHERE organization_id = 1", lost)
    done = await rotate(next_keys(unchecked))
    assert (done.sealed_again, done.unreadable, done.left) == (2 * len(SEALED_COLUMNS) - 1, 1, 1)
    found = await read_status(next_keys(unchecked))
    assert [(each.state, each.values) for each in found.keys if each.values][1:] == [("not set", 1)]
    assert await filled.fetchval("SELECT sealed_body FROM delivery WHERE organization_id = 1") == lost


@pytest.mark.usefixtures("filled")
async def test_a_rotation_that_was_interrupted_goes_on(unchecked: Settings) -> None:
    settings, seen = next_keys(unchecked), 0

    def interrupt(number: int) -> None:
        nonlocal seen
        seen += number
        if seen > 10:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        await rotate(settings, interrupt)
    left = (await read_status(settings)).left
    assert 0 < left < 2 * len(SEALED_COLUMNS)
    assert (await rotate(settings)).sealed_again == left


async def test_a_row_that_a_worker_holds_is_sealed_in_a_later_pass(
    unchecked: Settings, filled: asyncpg.Connection
) -> None:
    bodies, are_others_done, seen = 2, asyncio.Event(), 0

    def advance(number: int) -> None:
        nonlocal seen
        seen += number
        if seen >= len(SEALED_COLUMNS) - 1:
            are_others_done.set()

    async with filled.transaction():
        await filled.execute("SELECT FROM delivery FOR UPDATE")
        rotating = asyncio.create_task(rotate(next_keys(unchecked), advance))
        await are_others_done.wait()
        assert (await read_status(next_keys(unchecked))).left >= bodies
    assert (await rotating).left == 0


async def test_an_organization_of_many_values_is_read_in_groups(
    unchecked: Settings, filled: asyncpg.Connection
) -> None:
    vault = Vault(KeyRing.of(MASTER_SECRET), "body")
    await filled.executemany(
        "INSERT INTO delivery (organization_id, connection_id, deduplication_key, event, sealed_body)"
        " SELECT 1, connection_id, $1, 'push', $2 FROM connection WHERE organization_id = 1",
        [(f"many {number}", vault.seal(1, b"%d" % number)) for number in range(2500)],
    )
    assert (await rotate(next_keys(unchecked))).left == 0
    rows = await filled.fetch(
        "SELECT sealed_body FROM delivery WHERE deduplication_key LIKE 'many %' ORDER BY delivery_id"
    )
    opened = [Vault(KeyRing.of(NEXT_SECRET), "body").open(1, row["sealed_body"]) for row in rows]
    assert opened == [b"%d" % number for number in range(2500)]


class Load:
    """Signed webhooks, telemetry and reads, one after another without a pause, at the services given."""

    def __init__(self, organization: Organization, forges: list[Forge]) -> None:
        self.organization, self.forges = organization, forges
        self.statuses: list[tuple[str, int]] = []
        self.is_stopping = False
        self._awaited, self._arrived = 0, asyncio.Event()

    async def run(self, send: Callable[[httpx.AsyncClient, int], Awaitable[tuple[str, httpx.Response]]]) -> None:
        for number in itertools.count():
            if self.is_stopping:
                return
            what, answer = await send(self.forges[number % len(self.forges)].client, number)
            self.statuses.append((what, answer.status_code))
            if len(self.statuses) >= self._awaited:
                self._arrived.set()

    async def webhook(self, client: httpx.AsyncClient, number: int) -> tuple[str, httpx.Response]:
        forge = next(each for each in self.forges if each.client is client)
        return "webhook", await forge.send("push", {**recorded("github", "push__later_commit"), "number": number})

    async def telemetry(self, client: httpx.AsyncClient, number: int) -> tuple[str, httpx.Response]:
        body = as_protobuf(claude_logs(claude_request(number, input_tokens=number + 1, request_id=f"req_{number}")))
        headers = {**self.organization.headers, **PROTOBUF}
        return "telemetry", await client.post("/v1/logs", content=body, headers=headers)

    async def read(self, client: httpx.AsyncClient, number: int) -> tuple[str, httpx.Response]:
        path = ("connections", "ledger", "shared-links", "coverage")[number % 4]
        return f"read {path}", await client.get(f"/api/v1/{path}", headers=self.organization.headers)

    async def answered(self, more: int) -> None:
        """Wait until so many more requests were answered."""
        self._awaited = len(self.statuses) + more
        self._arrived.clear()
        await self._arrived.wait()


def context_of(settings: Settings, database: Database, queue: Queue) -> Any:
    return WorkerContext(settings, database, queue, OrganizationKeys(database, ring_of(settings)))


async def test_no_request_fails_while_keys_rotate_under_load(
    settings: Settings, database: Database, queue: Queue, organization: Organization
) -> None:
    knows_next = with_keys(settings, MASTER_SECRET, NEXT_SECRET)
    with application(knows_next) as earlier_app, application(next_keys(settings)) as next_app:
        async with serve(earlier_app) as earlier, serve(next_app) as later:
            forge = await Forge.connect(earlier, organization, "github")
            answer = await earlier.post("/api/v1/shared-links", json={"view": "/"}, headers=organization.headers)
            assert answer.status_code == 201
            load = Load(organization, [forge, Forge(later, "github", forge.made)])
            context = context_of(next_keys(settings), database, queue)
            async with asyncio.TaskGroup() as group:
                for send in (load.webhook, load.telemetry, load.read):
                    group.create_task(load.run(send))
                await load.answered(15)
                assert (await rotate(next_keys(settings))).sealed_again > 0
                # A worker goes on as long as something arrives.
                group.create_task(run_jobs(context))
                await load.answered(15)
                # The last process that seals with the earlier key ends.
                load.forges = load.forges[1:]
                await load.answered(15)
                assert (await rotate(next_keys(settings))).left == 0
                await load.answered(15)
                load.is_stopping = True
            await run_jobs(context)
    assert {what for what, status in load.statuses if status not in {200, 202}} == set()
    assert {"webhook", "telemetry", "read ledger"} <= {what for what, _ in load.statuses}
    await the_earlier_key_is_useless(settings, database, queue, organization, forge)


async def the_earlier_key_is_useless(
    settings: Settings, database: Database, queue: Queue, organization: Organization, forge: Forge
) -> None:
    alone = with_keys(settings, NEXT_SECRET)
    assert [each.state for each in (await read_status(alone)).keys] == ["encrypts"]
    async with database.operator() as connection:
        rows = [row for rows in (await dump(connection)).values() for row in rows]
    values = [value for row in rows for value in values_in(row) if isinstance(value, bytes)]
    sealed = [value for value in values if value.startswith(MARK)]
    assert len(sealed) > 10
    identifiers = range(organization.organization_id, organization.organization_id + 1)
    assert not any(opens(KeyRing.of(MASTER_SECRET), value, identifiers) for value in values)
    with application(alone) as app:
        async with serve(app) as client:
            answer = await Forge(client, "github", forge.made).send("push", recorded("github", "push__later_commit"))
            assert answer.status_code == 202
    await run_jobs(context_of(alone, database, queue))
    async with database.organization(organization.organization_id) as tenant:
        waiting = (
            "SELECT count(*) FROM delivery WHERE organization_id = $1 AND state <> 'processed' AND state <> 'ignored'"
        )
        assert await tenant.fetchval(waiting) == 0
