"""GET /api/v1/imports/{id}, and what workers make of imports."""

import asyncio
import uuid
from typing import Any

import msgspec
import pytest

from schema.database import Database
from schema.encryption import Vault
from schema.key_ring import KeyRing
from tests.conftest import MASTER_SECRET
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, outcomes, pull_request
from workers.context import WorkerContext
from workers.jobs import process_imports
from workers.jobs.delete_expired import delete_expired
from workers.jobs.process_deliveries import process_deliveries
from workers.stores.upkeep.due_work import find_due

OPEN = pull_request(1, state="open", head_branch="CANARY-branch")
NOT_STORABLE = pull_request(2, state="open", changed_lines=13)


async def bodies(database: Database, api: Api) -> list[bytes | None]:
    async with database.organization(api.organization.organization_id) as tenant:
        rows = await tenant.fetch("SELECT sealed_body FROM delivery WHERE organization_id = $1 ORDER BY delivery_id")
    return [row["sealed_body"] for row in rows]


async def test_an_import_is_received_at_once_and_done_when_a_worker_has_recorded_it(api: Api) -> None:
    accepted = await api.post("pull-requests", {"items": [OPEN]}, 202)
    assert set(accepted) == {"import_id"}
    shown = await api.get(f"imports/{accepted['import_id']}")
    assert (shown["state"], shown["received"], shown["items"]) == ("received", 1, [])
    await api.work(api.organization.organization_id)
    shown = await api.get(f"imports/{accepted['import_id']}")
    assert (shown["state"], shown["failure"]) == ("done", None)
    assert outcomes(shown) == ["new"]


async def test_items_are_sealed_and_only_what_a_contract_names_is_kept(api: Api, database: Database) -> None:
    await api.post("pull-requests", {"items": [{**OPEN, "title": "CANARY-title"}]}, 202)
    (sealed,) = await bodies(database, api)
    assert sealed is not None
    assert b"CANARY" not in sealed
    opened = Vault(KeyRing.of(MASTER_SECRET), "body").open(api.organization.organization_id, sealed)
    assert msgspec.json.decode(opened)["items"][0]["head_branch"] == "CANARY-branch"
    assert b"title" not in opened


async def test_each_item_is_new_changed_or_the_same(api: Api) -> None:
    tag: dict[str, Any] = {"forge": "github", "repository": REPOSITORY, "tag": "v1", "released_at": f"{DAY}T08:00:00Z"}
    assert outcomes(await api.import_items("pull-requests", OPEN, OPEN, pull_request(2, state="open"))) == [
        "new",
        "same",
        "new",
    ]
    reviewed = {**OPEN, "reviews": [f"{DAY}T09:00:00Z"]}
    assert outcomes(await api.import_items("pull-requests", pull_request(2, state="open"), reviewed)) == [
        "same",
        "changed",
    ]
    listed = {**tag, "state": "tag", "pull_requests": [1]}
    assert outcomes(await api.import_items("releases", listed)) == ["new"]
    assert outcomes(await api.import_items("releases", listed)) == ["same"]
    assert outcomes(await api.import_items("releases", {**listed, "pull_requests": [1, 2]})) == ["changed"]
    assert outcomes(await api.import_items("releases", {**listed, "pull_requests": []})) == ["changed"]


async def test_an_item_that_cannot_be_stored_is_refused_and_its_neighbours_are_recorded(
    api: Api, database: Database
) -> None:
    # Whatever a request can hold is storable, so the database gets a rule of its own.
    async with database.operator() as connection:
        await connection.execute("ALTER TABLE pull_request ADD CONSTRAINT unlucky CHECK (changed_lines <> 13)")
    items = [pull_request(number, state="open") for number in range(3, 8)]
    shown = await api.import_items("pull-requests", OPEN, NOT_STORABLE, *items)
    assert outcomes(shown) == ["new", "refused", *["new"] * 5]
    assert shown["items"][1]["reason"] == process_imports.NOT_STORABLE
    assert len((await api.get("attributions", repository=REPOSITORY, number=7))["items"]) == 1


async def test_an_import_of_nothing_is_done(api: Api) -> None:
    assert outcomes(await api.import_items("pull-requests")) == []


async def test_an_import_that_fails_is_tried_again_then_given_up_and_can_be_handed_back(
    api: Api, database: Database, worker_context: WorkerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id = api.organization.organization_id

    async def fail(*_: object) -> None:
        raise RuntimeError("CANARY")

    async def be_due() -> None:
        async with database.organization(organization_id) as tenant:
            await tenant.execute("UPDATE delivery SET next_attempt_at = now() WHERE organization_id = $1")

    import_id = (await api.post("pull-requests", {"items": [OPEN]}, 202))["import_id"]
    with monkeypatch.context() as patch:
        patch.setattr(process_imports, "record_facts", fail)
        await process_deliveries(worker_context, organization_id)
        assert (await api.get(f"imports/{import_id}"))["state"] == "processing"
        for _ in range(worker_context.settings.retry_limit):
            await be_due()
            await process_deliveries(worker_context, organization_id)
    shown = await api.get(f"imports/{import_id}")
    assert shown["state"] == "failed"
    assert "shipledger dead-letters replay delivery:" in shown["failure"]
    async with database.organization(organization_id) as tenant:
        await tenant.execute(
            "UPDATE delivery SET state = 'waiting', attempts = 0, next_attempt_at = now() WHERE organization_id = $1"
        )
    await process_deliveries(worker_context, organization_id)
    assert outcomes(await api.get(f"imports/{import_id}")) == ["new"]


async def test_a_worker_that_is_killed_leaves_an_import_to_the_next(
    api: Api, database: Database, worker_context: WorkerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id = api.organization.organization_id
    begun = asyncio.Event()

    async def hang(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    import_id = (await api.post("pull-requests", {"items": [OPEN]}, 202))["import_id"]
    with monkeypatch.context() as patch:
        patch.setattr(process_imports, "record_facts", hang)
        work = asyncio.create_task(process_deliveries(worker_context, organization_id))
        await begun.wait()
        assert (await api.get(f"imports/{import_id}"))["state"] == "processing"
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    async with database.operator() as connection:
        due = await find_due(connection, worker_context.settings.refit_pause)
    assert ("process_deliveries", organization_id) in {(str(job), each) for job, each in due}
    await process_deliveries(worker_context, organization_id)
    assert outcomes(await api.get(f"imports/{import_id}")) == ["new"]


async def test_two_workers_record_each_import_once(api: Api, worker_context: WorkerContext) -> None:
    items = [pull_request(number, state="open") for number in range(1, 21)]
    ids = [(await api.post("pull-requests", {"items": [each]}, 202))["import_id"] for each in items]
    await asyncio.gather(*(process_deliveries(worker_context, api.organization.organization_id) for _ in range(2)))
    assert [outcomes(await api.get(f"imports/{each}")) for each in ids] == [["new"]] * 20


async def test_the_items_are_forgotten_after_the_retention_and_the_counts_stay(
    api: Api, database: Database, worker_context: WorkerContext
) -> None:
    shown = await api.import_items("pull-requests", OPEN)
    async with database.organization(api.organization.organization_id) as tenant:
        await tenant.execute(
            "UPDATE delivery SET processed_at = now() - $2::interval WHERE organization_id = $1",
            2 * worker_context.settings.delivery_retention,
        )
    await delete_expired(worker_context)
    assert await bodies(database, api) == [None]
    assert await api.get(f"imports/{shown['import_id']}") == shown


async def test_an_organization_never_sees_anothers_import(api: Api, other_api: Api) -> None:
    import_id = (await api.import_items("pull-requests", OPEN))["import_id"]
    await other_api.get(f"imports/{import_id}", 404)
    await api.get(f"imports/{uuid.uuid4()}", 404)


async def test_the_planner_knows_what_an_import_brought_before_the_next_one(api: Api, database: Database) -> None:
    await api.import_items("pull-requests", *(pull_request(number, state="open") for number in range(1, 301)))
    async with database.operator() as connection:
        rows = await connection.fetchval("SELECT reltuples FROM pg_class WHERE oid = 'pull_request'::regclass")
    assert rows == 300
