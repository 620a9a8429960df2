"""From stored deliveries to tables, whatever comes, and however often the job runs."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from key_services.configured import ring_of
from schema.database import Database
from schema.encryption import Vault
from schema.key_ring import KeyRing
from schema.queue import Job
from schema.settings import Settings
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge, recorded
from workers.context import WorkerContext
from workers.jobs import process_deliveries as job
from workers.jobs.process_deliveries import process_deliveries

Rows = Callable[[], Awaitable[list[asyncpg.Record]]]
Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]


@pytest.mark.shared
async def test_every_recorded_payload_is_accepted_and_its_facts_are_stored(
    shared: Path, github: Forge, gitlab: Forge, deliveries: Rows, table: Table, drain: Drain
) -> None:
    paths = sorted((shared / "payloads").glob("*/*.json"))
    for path in paths:
        forge = github if path.parent.name == "github" else gitlab
        answer = await forge.send(path.stem.partition("__")[0], path.read_bytes(), path.stem)
        assert answer.status_code == 202, path
    await drain()
    states = Counter(row["state"] for row in await deliveries())
    assert len(paths) > 90
    assert set(states) == {"processed", "ignored"}
    assert states["processed"] == 92
    # One pull request of GitHub, four merge requests of GitLab, one of them merged.
    pull_requests = await table("pull_request")
    assert Counter(row["state"] for row in pull_requests) == {"open": 3, "abandoned": 1, "merged": 1}
    assert {row["kind"] for row in await table("activity")} == {"open", "push", "review", "commit", "merge"}
    assert len(await table("branch_commit")) == 3
    # v1.0.0 and 1.0.0 of GitLab; 0.0.1 and simple-tag of GitHub, both deleted at last.
    assert Counter(row["state"] for row in await table("release")) == {"published": 1, "tag": 1, "deleted": 2}


async def test_a_second_run_changes_nothing(
    github: Forge, table: Table, drain: Drain, database: Database, organization: Organization
) -> None:
    await github.deliver("push__first_commits", "pull_request__opened", "pull_request__merged", "release__published")
    await drain()
    tables = ("pull_request", "activity", "artifact_alias", "branch_commit", "release", "release_pull_request")
    before = {name: await table(name) for name in tables}
    assert all(before.values())
    async with database.organization(organization.organization_id) as tenant:
        await tenant.connection.execute("UPDATE delivery SET state = 'waiting'")
    await drain()
    assert {name: await table(name) for name in tables} == before


@pytest.mark.parametrize("batch", [2, job.BATCH])
async def test_workers_side_by_side_process_each_delivery_once(
    github: Forge,
    worker_context: WorkerContext,
    organization: Organization,
    deliveries: Rows,
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
) -> None:
    monkeypatch.setattr(job, "BATCH", batch)
    names = ("pull_request__opened", "push__first_commits", "pull_request__merged", "release__published")
    for _ in range(4):
        await github.deliver(*names)
    await asyncio.gather(*(process_deliveries(worker_context, organization.organization_id) for _ in range(4)))
    assert {(row["state"], row["attempts"]) for row in await deliveries()} == {("processed", 0)}
    assert [row["state"] for row in await table("pull_request")] == ["merged"]
    assert len(await table("release_pull_request")) == 1


@pytest.mark.parametrize(("first", "batch"), [(1, 1), (1, 4), (2, 2), (5, 5)])
async def test_a_backlog_of_many_batches_is_processed_as_if_it_were_one(
    github: Forge,
    deliveries: Rows,
    table: Table,
    drain: Drain,
    database: Database,
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
    first: int,
    batch: int,
) -> None:
    names = ("pull_request__opened", "push__first_commits", "pull_request__merged", "release__published")
    await github.deliver(*names, *names[:2], "push__branch_deleted")
    await github.deliver_payload("membership", {"CANARY": "CANARY"})
    unreadable = (await deliveries())[4]["delivery_id"]
    await execute(
        database, organization, "UPDATE delivery SET sealed_body = $2 WHERE delivery_id = $3", b"?", unreadable
    )
    monkeypatch.setattr(job, "FIRST_BATCH", first)
    monkeypatch.setattr(job, "BATCH", batch)
    await drain()
    rows = await deliveries()
    assert [row["state"] for row in rows] == ["processed"] * 4 + ["waiting", "processed", "ignored", "ignored"]
    assert [row["attempts"] for row in rows] == [0, 0, 0, 0, 1, 0, 0, 0]
    processed_at = [row["processed_at"] for row in rows if row["processed_at"] is not None]
    assert processed_at == sorted(processed_at)
    tables = (
        "pull_request",
        "activity",
        "artifact_alias",
        "branch_commit",
        "release",
        "release_pull_request",
        "outcome",
    )
    before = {name: await table(name) for name in tables}
    monkeypatch.setattr(job, "BATCH", len(rows))
    await execute(database, organization, "UPDATE delivery SET state = 'waiting' WHERE organization_id = $1")
    await drain()
    assert {name: await table(name) for name in tables} == before


async def test_ignored_deliveries_say_why_and_quote_nothing(github: Forge, deliveries: Rows, drain: Drain) -> None:
    for event, payload in (("membership", {"CANARY": "CANARY"}), ("push", ["CANARY"]), ("pull_request", {})):
        await github.deliver_payload(event, payload)
    await github.deliver("push__branch_deleted")
    await drain()
    rows = await deliveries()
    assert {row["state"] for row in rows} == {"ignored"}
    assert [row["reason"] for row in rows] == [
        "This event is not used.",
        "The body is not a JSON object.",
        "The payload has no pull request number.",
        "Commits of a deleted branch stay.",
    ]
    assert all(row["processed_at"] for row in rows)


async def test_a_poisoned_row_ends_dead_while_its_neighbours_are_processed(
    github: Forge,
    worker_context: WorkerContext,
    deliveries: Rows,
    drain: Drain,
    database: Database,
    organization: Organization,
) -> None:
    await github.deliver("pull_request__opened", "pull_request__draft", "pull_request__merged")
    poisoned = (await deliveries())[1]["delivery_id"]
    vault = Vault(KeyRing.of("quite another secret, with more than enough characters"), "body")
    sealed = vault.seal(organization.organization_id, json.dumps(recorded("github", "pull_request__draft")).encode())
    await execute(
        database, organization, "UPDATE delivery SET sealed_body = $2 WHERE delivery_id = $3", sealed, poisoned
    )
    await drain()
    assert [row["state"] for row in await deliveries()] == ["processed", "waiting", "processed"]
    for attempt in range(1, worker_context.settings.retry_limit):
        row = (await deliveries())[1]
        assert (row["attempts"], row["state"], row["failure"]) == (attempt, "waiting", "other_secret_key")
        # It is not tried again before its time.
        await drain()
        assert (await deliveries())[1]["attempts"] == attempt
        await execute(database, organization, "UPDATE delivery SET next_attempt_at = now() WHERE organization_id = $1")
        await drain()
    row = (await deliveries())[1]
    assert (row["state"], row["attempts"]) == ("dead", worker_context.settings.retry_limit)
    assert [row["state"] for row in await deliveries()] == ["processed", "dead", "processed"]


async def test_a_delivery_that_cannot_be_stored_waits_while_its_batch_is_processed(
    github: Forge, deliveries: Rows, table: Table, drain: Drain, database: Database, organization: Organization
) -> None:
    hasher, payload = organization.hasher, recorded("github", "pull_request__opened")
    async with database.organization(organization.organization_id) as tenant:
        refused = hasher.number(5).hex()
        check = f"ALTER TABLE pull_request ADD CONSTRAINT refuses CHECK (number <> decode('{refused}', 'hex'))"
        await tenant.connection.execute(check)
    for number in range(1, 12):
        payload["number"] = payload["pull_request"]["number"] = number
        await github.deliver_payload("pull_request", payload)
    await drain()
    rows = await deliveries()
    assert [row["state"] for row in rows] == ["processed"] * 4 + ["waiting"] + ["processed"] * 6
    assert (rows[4]["failure"], rows[4]["attempts"]) == ("value_refused", 1)
    stored = {row["number"] for row in await table("pull_request")}
    assert stored == {hasher.number(number) for number in range(1, 12) if number != 5}


async def test_a_failed_row_is_processed_once_its_cause_is_gone(
    github: Forge, settings: Settings, deliveries: Rows, drain: Drain, database: Database, organization: Organization
) -> None:
    await github.deliver("pull_request__opened")
    [row] = await deliveries()
    await execute(database, organization, "UPDATE delivery SET sealed_body = $2 WHERE organization_id = $1", b"broken")
    await drain()
    assert [row["state"] for row in await deliveries()] == ["waiting"]
    vault = Vault(ring_of(settings), "body")
    assert vault.open(organization.organization_id, row["sealed_body"])
    change = "UPDATE delivery SET sealed_body = $2, next_attempt_at = now() WHERE organization_id = $1"
    await execute(database, organization, change, row["sealed_body"])
    await drain()
    [row] = await deliveries()
    assert (row["state"], row["failure"]) == ("processed", None)


async def test_a_body_that_was_forgotten_is_ignored(
    github: Forge, deliveries: Rows, drain: Drain, database: Database, organization: Organization
) -> None:
    await github.deliver("pull_request__opened")
    await execute(database, organization, "UPDATE delivery SET sealed_body = NULL WHERE organization_id = $1")
    await drain()
    [row] = await deliveries()
    assert (row["state"], row["reason"]) == ("ignored", "The body was already deleted.")


async def test_the_job_lets_the_next_wake_up_through(worker_context: WorkerContext, organization: Organization) -> None:
    queue, organization_id = worker_context.queue, organization.organization_id
    assert await queue.wake(Job.PROCESS_DELIVERIES, organization_id)
    assert not await queue.wake(Job.PROCESS_DELIVERIES, organization_id)
    await process_deliveries(worker_context, organization_id)
    assert await queue.wake(Job.PROCESS_DELIVERIES, organization_id)


async def execute(database: Database, organization: Organization, statement: str, *arguments: object) -> None:
    """Run a statement on the organization's rows; it names the organization as `$1` where it needs to."""
    if "$1" not in statement:
        statement += " AND organization_id = $1"
    async with database.organization(organization.organization_id) as tenant:
        assert await tenant.execute(statement, *arguments) != "UPDATE 0"
