"""POST /api/v1/pull-requests."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schema.database import Database
from tests.integration.service.api.conftest import DAY, REPOSITORY, Api, outcomes, pull_request, token_event

SHA = "6f7d5618106c4b7558541a320146da091f43c6c2"
MERGED = f"{DAY}T15:00:00Z"


async def count(api: Api, database: Database, table: str) -> int:
    organization_id = api.organization.organization_id
    async with database.organization(organization_id) as tenant:
        number: int = await tenant.fetchval(f"SELECT count(*) FROM {table} WHERE organization_id = $1")
        return number


async def test_a_repeated_bulk_changes_nothing(api: Api, database: Database) -> None:
    reported = pull_request(
        1,
        state="merged",
        merged_at=MERGED,
        head_branch="CANARY-branch",
        commits=[{"sha": SHA, "authored_at": f"{DAY}T09:00:00Z"}],
        merge_commit="ab" * 20,
        reviews=[f"{DAY}T10:00:00Z"],
        title="CANARY title",
    )
    assert outcomes(await api.import_items("pull-requests", reported, reported)) == ["new", "same"]
    before = {table: await count(api, database, table) for table in ("pull_request", "activity", "artifact_alias")}
    assert before == {"pull_request": 1, "activity": 4, "artifact_alias": 3}
    assert outcomes(await api.import_items("pull-requests", reported)) == ["same"]
    assert {table: await count(api, database, table) for table in before} == before


async def test_older_facts_do_not_replace_newer_ones(api: Api) -> None:
    merged = pull_request(1, state="merged", merged_at=MERGED)
    await api.import_items("pull-requests", merged)
    await api.import_items("pull-requests", pull_request(1, state="open", updated_at=f"{DAY}T12:00:00Z"))
    (item,) = (await api.get("attributions", repository=REPOSITORY, number=1))["items"]
    assert (item["state"], item["merged_at"]) == ("merged", MERGED)


async def test_earlier_tokens_are_attributed_to_a_pull_request_imported_later(
    api: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    events = [
        token_event("by branch", "one", 10),
        token_event("by number", None, 20, number=1),
        token_event("by commit", None, 40, commit=SHA),
    ]
    await api.post("token-events", {"items": events})
    await drain()
    assert (await api.get("ledger"))["overhead"]["total"] == 140
    commits = [{"sha": SHA, "authored_at": f"{DAY}T12:00:00Z"}]
    reported = pull_request(1, state="merged", merged_at=MERGED, head_branch="one", commits=commits)
    await api.import_items("pull-requests", reported)
    await drain()
    assert (await api.get("ledger"))["merged"]["total"] == 140
    (item,) = (await api.get("attributions", repository=REPOSITORY, number=1))["items"]
    assert item["evidence"]["commit"] == pytest.approx(80 / 140)
    assert sum(item["evidence"].values()) == pytest.approx(1)


async def test_a_merge_moves_settled_tokens_from_in_flight_to_merged(
    api: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    await api.import_items("pull-requests", pull_request(1, state="open", head_branch="one"))
    await api.post("token-events", {"items": [token_event("one", "one", 10)]})
    await drain()
    assert (await api.get("ledger"))["in_flight"]["total"] == 20
    await api.import_items("pull-requests", pull_request(1, state="merged", merged_at=MERGED))
    await drain()
    assert (await api.get("ledger"))["merged"]["total"] == 20


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"state": "merged"}, "items[1].merged_at"),
        ({"state": "abandoned"}, "items[1].closed_at"),
        ({"state": "merged", "merged_at": "2026-11-17T00:00:00Z"}, "items[1].merged_at"),
        ({"repository": "octo-repo"}, "items[1].repository"),
        ({"repository": "https://[broken/octo/repo"}, "items[1].repository"),
        ({"number": 0}, "items[1].number"),
        ({"state": "closed"}, "items[1].state"),
        ({"opened_at": "2026-11-18T08:00:00"}, "items[1].opened_at"),
        ({"opened_at": "0001-01-01T00:00:00+14:00"}, "items[1]"),
        ({"merge_commit": "abc"}, "items[1].merge_commit"),
    ],
)
async def test_a_bad_item_is_named_and_nothing_is_stored(
    api: Api, database: Database, change: dict[str, Any], field: str
) -> None:
    items = [pull_request(1, state="open"), {**pull_request(2, state="open"), **change}]
    problem = await api.post("pull-requests", {"items": items}, 400)
    assert problem["field"] == field
    assert await count(api, database, "pull_request") == 0


async def test_times_at_the_ends_of_the_calendar_do_no_harm(api: Api) -> None:
    items = [
        pull_request(1, state="open", opened_at="0001-01-03T00:00:00Z"),
        pull_request(2, state="open", opened_at="9999-12-29T00:00:00Z"),
    ]
    assert (await api.import_items("pull-requests", *items))["new"] == 2


async def test_work_on_main_is_linked_once_an_import_names_the_default_branch(
    api: Api, drain: Callable[[], Awaitable[None]]
) -> None:
    events = [
        token_event("before the switch", "main", 10, session="s", occurred_at=f"{DAY}T08:00:00Z"),
        token_event("after it", "one", 20, session="s", occurred_at=f"{DAY}T09:00:00Z"),
        token_event("nothing came of it", "main", 40, session="t", occurred_at=f"{DAY}T08:00:00Z"),
    ]
    reported = pull_request(1, state="open", head_branch="one", base_branch="main")
    await api.post("token-events", {"items": events})
    await drain()
    await api.import_items("pull-requests", reported)
    await drain()
    (item,) = (await api.get("attributions", repository=REPOSITORY, number=1))["items"]
    assert item["tokens"]["total"] == 60
    assert (await api.get("ledger"))["overhead"]["total"] == 80
