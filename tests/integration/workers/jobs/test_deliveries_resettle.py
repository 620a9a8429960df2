"""Tokens settled before the forge reported their pull request are settled again."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx

from tests.harness.organization import Organization
from tests.harness.webhooks import Forge, recorded

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]


async def spend(client: httpx.AsyncClient, organization: Organization, **evidence: Any) -> None:
    """1000 tokens in the hour before the recorded pull request was opened."""
    event = {
        "event_id": "event-1",
        "occurred_at": "2026-03-02T09:30:00Z",
        "source": "claude-code",
        "model": "claude-sonnet-4-5",
        "tokens": {"input_uncached": 1000},
        **evidence,
    }
    answer = await client.post("/api/v1/token-events", json={"items": [event]}, headers=organization.headers)
    assert answer.status_code < 300, answer.text


async def evidence_of(table: Table, organization: Organization) -> list[tuple[str, bool]]:
    """Evidence of the ledger's rows, and whether they are the recorded pull request's."""
    hasher = organization.hasher
    wanted = hasher.pull_request(hasher.repository_by_id("github.com", 910001), 7)
    return [(row["evidence"], row["artifact_id"] == wanted) for row in await table("attribution")]


async def test_tokens_on_a_branch_are_attributed_to_a_pull_request_reported_later(
    client: httpx.AsyncClient, github: Forge, organization: Organization, table: Table, drain: Drain
) -> None:
    await spend(client, organization, branch="CANARY-branch", repository="github.com/octo-harbour/parcel")
    await drain()
    assert await evidence_of(table, organization) == [("overhead", False)]
    await github.deliver("pull_request__opened")
    await drain()
    assert await evidence_of(table, organization) == [("branch", True)]


async def test_tokens_of_a_commit_find_the_pull_request_that_takes_its_branch_later(
    client: httpx.AsyncClient, github: Forge, organization: Organization, table: Table, drain: Drain
) -> None:
    await spend(client, organization, commit="a0" * 20)
    await github.deliver("push__first_commits")
    await drain()
    assert ("commit", True) not in await evidence_of(table, organization)
    await github.deliver("pull_request__opened")
    await drain()
    assert await evidence_of(table, organization) == [("commit", True)]


async def test_tokens_without_a_link_are_split_over_the_team_once_it_is_active(
    client: httpx.AsyncClient, github: Forge, organization: Organization, table: Table, drain: Drain
) -> None:
    await spend(client, organization)
    await drain()
    assert await evidence_of(table, organization) == [("overhead", False)]
    await github.deliver("pull_request__opened")
    await drain()
    assert ("cohort", True) in await evidence_of(table, organization)


async def test_another_teams_tokens_in_the_repository_find_its_pull_request(
    client: httpx.AsyncClient, github: Forge, organization: Organization, table: Table, drain: Drain
) -> None:
    await spend(client, organization, repository="github.com/octo-harbour/parcel", team="elsewhere")
    await drain()
    await github.deliver("pull_request__opened")
    await drain()
    assert ("repository", True) in await evidence_of(table, organization)


async def test_a_delivery_that_changes_nothing_settles_nothing(
    client: httpx.AsyncClient, github: Forge, organization: Organization, table: Table, drain: Drain
) -> None:
    await spend(client, organization)
    await github.deliver("pull_request__opened")
    await drain()
    before = [row["settled_at"] for row in await table("settlement")]
    assert before
    labelled = {**recorded("github", "pull_request__opened"), "action": "labeled"}
    labelled["pull_request"]["updated_at"] = "2026-03-02T12:00:00Z"
    await github.deliver_payload("pull_request", labelled)
    await drain()
    assert [row["settled_at"] for row in await table("settlement")] == before
