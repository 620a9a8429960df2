"""POST /api/v1/session-evidence: bulk, idempotent, each item stored or refused by itself."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest

from schema.database import Database
from schema.identifiers import parse_repository
from tests.harness.organization import Organization
from tests.harness.otlp import JSON, MOMENT, as_json, attributes, claude_logs, claude_request, logs
from tests.integration.service.api.conftest import REPOSITORY, Api, pull_request, token_event

PATH = "session-evidence"
ITEM: dict[str, Any] = {
    "session": "CANARY-session",
    "agent": "codex",
    "occurred_at": "2026-11-18T12:00:00Z",
    "repository": f"git@{REPOSITORY.replace('/', ':', 1)}.git",
    "branch": "CANARY-branch",
    "event": "checkout",
    "source": "hook",
    "cwd": "/home/CANARY",
}


async def rows(database: Database, organization: Organization) -> list[asyncpg.Record]:
    async with database.organization(organization.organization_id) as tenant:
        return await tenant.fetch("SELECT * FROM session_evidence WHERE organization_id = $1")


async def test_an_item_is_stored_once_as_hashes(api: Api, database: Database, organization: Organization) -> None:
    assert await api.post(PATH, {"items": [ITEM]}) == {"received": 1, "added": 1, "duplicates": 0, "refused": []}
    answer = await api.post(PATH, {"items": [ITEM, ITEM, {**ITEM, "branch": "other"}]})
    assert answer == {"received": 3, "added": 1, "duplicates": 2, "refused": []}
    first, _ = sorted(await rows(database, organization), key=lambda row: row["received_at"])
    hasher = organization.hasher
    assert first["session"] == hasher.session("codex", "CANARY-session")
    assert first["branch"] == hasher.branch("CANARY-branch")
    assert first["repository"] == hasher.repository_by_name(parse_repository(REPOSITORY))
    assert (first["source"], first["is_start"], first["commit"]) == ("hook", False, None)


async def test_invalid_items_are_refused_by_themselves_and_their_neighbours_are_stored(
    api: Api, database: Database, organization: Organization
) -> None:
    without_place = {name: ITEM[name] for name in ("session", "occurred_at", "source")}
    items = [
        ITEM,
        {**ITEM, "commit": "CANARY"},
        {**ITEM, "source": "CANARY-rumour"},
        without_place,
        {**ITEM, "repository": "CANARY"},
        {**ITEM, "event": "CANARY"},
        {name: value for name, value in ITEM.items() if name != "session"},
        {**ITEM, "occurred_at": "1999-01-01T00:00:00Z"},
        "CANARY",
        {**ITEM, "pull_request": 7},
    ]
    answer = await api.post(PATH, {"items": items})
    assert (answer["received"], answer["added"]) == (10, 2)
    fields = ["commit", "source", None, "repository", "event", "session", "occurred_at", None]
    assert [refused["field"] for refused in answer["refused"]] == [
        f"items[{index}].{field}" if field else f"items[{index}]" for index, field in enumerate(fields, 1)
    ]
    assert "hook, plugin" in answer["refused"][1]["reason"]
    assert "at least one of repository, branch, commit" in answer["refused"][2]["reason"]
    assert "CANARY" not in str(answer)
    assert len(await rows(database, organization)) == 2


async def test_a_bulk_of_invalid_items_is_a_bad_request(api: Api) -> None:
    problem = await api.post(PATH, {"items": [{**ITEM, "pull_request": 0}]}, 400)
    assert problem["field"] == "items[0].pull_request"
    assert (await api.post(PATH, {"items": 7}, 400))["field"] == "items"
    assert (await api.post(PATH, {}, 400))["status"] == 400


async def test_an_empty_bulk_is_accepted(api: Api) -> None:
    assert (await api.post(PATH, {"items": []}))["received"] == 0


@pytest.mark.parametrize("event", ["start", "checkout", "turn_end"])
async def test_a_commit_that_is_only_checked_out_links_nothing(
    event: str, api: Api, database: Database, organization: Organization
) -> None:
    await api.post(PATH, {"items": [{**ITEM, "event": event, "commit": "ab" * 20}]})
    (row,) = await rows(database, organization)
    assert row["commit"] is None


@pytest.mark.parametrize(("agent", "source"), [("claude-code", "hook"), (None, "hook"), (None, "claude-code")])
async def test_a_pull_request_number_alone_links_the_tokens_of_its_session(
    agent: str | None, source: str, api: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    await api.import_items("pull-requests", pull_request(1, state="open"), pull_request(2, state="open"))
    session = "0193f8e2-7f1c"
    await api.post("token-events", {"items": [token_event("e", None, 50, session=session)]})
    await drain()
    item = {"session": session, "occurred_at": "2026-11-18T13:00:00Z", "pull_request": 2, "source": source}
    await api.post(PATH, {"items": [{**item, **({"agent": agent} if agent else {})}]})
    await drain()
    found = await api.get("attributions", repository=REPOSITORY, forge="github", number=2)
    assert found["items"][0]["tokens"]["total"] == 100
    assert found["items"][0]["evidence"]["artifact"] == 1


async def test_a_log_record_says_the_same_as_an_item(
    client: httpx.AsyncClient, organization: Organization, database: Database, api: Api
) -> None:
    named = {"session.id": "CANARY-session", "agent": "codex", "vcs.ref.head.name": "CANARY-branch", "source": "hook"}
    named |= {"event.name": "shipledger.session", "event": "checkout", "repository": REPOSITORY}
    record = {"timeUnixNano": str(MOMENT), "attributes": attributes(named)}
    # A plugin sends it with the resource of its agent.
    body = logs(record, resource={"service.name": "claude-code"}, scope="shipledger")
    for _ in range(2):
        answer = await client.post("/v1/logs", content=as_json(body), headers=organization.headers | JSON)
        assert answer.status_code == 200
    (row,) = await rows(database, organization)
    assert row["session"] == organization.hasher.session("codex", "CANARY-session")
    assert row["branch"] == organization.hasher.branch("CANARY-branch")
    assert row["source"] == "hook"
    answer = await api.post(PATH, {"items": [{**ITEM, "occurred_at": "2026-11-22T01:45:52Z"}]})
    assert answer["duplicates"] == 1


async def test_a_log_record_that_cannot_be_read_is_dropped_and_its_neighbours_are_stored(
    client: httpx.AsyncClient, organization: Organization, database: Database
) -> None:
    named = {"event.name": "shipledger.session", "session.id": "s", "source": "hook"}
    body = claude_logs({"timeUnixNano": str(MOMENT), "attributes": attributes(named)}, claude_request())
    answer = await client.post("/v1/logs", content=as_json(body), headers=organization.headers | JSON)
    assert answer.status_code == 200
    assert await rows(database, organization) == []
