"""Releases out of deliveries, and the pull requests that each ships, in whatever order they are heard of."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from tests.harness.organization import Organization
from tests.harness.webhooks import Forge, recorded

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]
Delivery = tuple[str, dict[str, Any]]


def release(tag: str, published_at: str, **changes: Any) -> Delivery:
    payload = recorded("github", "release__published")
    payload["action"] = changes.pop("action", "published")
    payload["release"].update(tag_name=tag, published_at=published_at, created_at=published_at, **changes)
    return "release", payload


def merged(number: int, merged_at: str) -> Delivery:
    payload = recorded("github", "pull_request__merged")
    ends = {"merged_at": merged_at, "closed_at": merged_at, "updated_at": merged_at}
    payload["pull_request"].update(number=number, created_at="2026-03-01T00:00:00Z", **ends)
    return "pull_request", payload


@pytest.fixture
def shipped(table: Table, organization: Organization) -> Callable[[], Awaitable[dict[str, set[int]]]]:
    """Numbers of the pull requests of each tag."""
    hasher = organization.hasher
    anchor = hasher.repository_by_id("github.com", 910001)
    tags = {hasher.release(anchor, tag): tag for tag in ("v1.3.0", "v1.4.0", "v1.4.0-rc.1", "v1.5.0")}
    numbers = {hasher.pull_request(anchor, number): number for number in range(1, 20)}

    async def read() -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for row in await table("release_pull_request"):
            found.setdefault(tags[row["release_id"]], set()).add(numbers[row["pull_request_id"]])
        return found

    return read


STORY = (
    merged(1, "2026-03-01T10:00:00Z"),
    release("v1.3.0", "2026-03-02T10:00:00Z"),
    merged(2, "2026-03-03T10:00:00Z"),
    release("v1.4.0-rc.1", "2026-03-04T10:00:00Z", prerelease=True),
    merged(3, "2026-03-05T10:00:00Z"),
    release("v1.4.0", "2026-03-06T10:00:00Z"),
    merged(4, "2026-03-07T10:00:00Z"),
)
SHIPPED = {"v1.3.0": {1}, "v1.4.0-rc.1": {2}, "v1.4.0": {3}}


@pytest.mark.parametrize("start", range(len(STORY)))
async def test_a_release_ships_what_was_merged_since_the_one_before(
    github: Forge, drain: Drain, shipped: Any, start: int
) -> None:
    for event, payload in reversed((*STORY[start:], *STORY[:start])):
        await github.deliver_payload(event, payload)
        await drain()
    assert await shipped() == SHIPPED


async def test_facts_in_one_batch_give_the_same_result(github: Forge, drain: Drain, shipped: Any) -> None:
    for event, payload in STORY:
        await github.deliver_payload(event, payload)
    await drain()
    assert await shipped() == SHIPPED


async def test_a_deleted_release_leaves_its_pull_requests_to_the_next(
    github: Forge, drain: Drain, shipped: Any, table: Table
) -> None:
    for event, payload in (*STORY, release("v1.3.0", "2026-03-02T10:00:00Z", action="deleted")):
        await github.deliver_payload(event, payload)
    await drain()
    assert await shipped() == {"v1.4.0-rc.1": {1, 2}, "v1.4.0": {3}}
    # What was said before the deletion comes late and changes nothing.
    await github.deliver_payload(*release("v1.3.0", "2026-03-02T10:00:00Z", action="edited"))
    await drain()
    assert sorted(row["state"] for row in await table("release")) == ["deleted", "prerelease", "published"]


async def test_a_draft_ships_nothing_until_it_is_published(github: Forge, drain: Drain, shipped: Any) -> None:
    draft = release("v1.5.0", "2026-03-06T10:00:00Z", draft=True, action="created")
    draft[1]["release"]["published_at"] = None
    for event, payload in (merged(1, "2026-03-05T10:00:00Z"), draft):
        await github.deliver_payload(event, payload)
    await drain()
    assert await shipped() == {}
    await github.deliver_payload(*release("v1.5.0", "2026-03-08T10:00:00Z"))
    await drain()
    assert await shipped() == {"v1.5.0": {1}}


async def test_a_prerelease_made_full_ships_to_all(github: Forge, drain: Drain, shipped: Any) -> None:
    for event, payload in (*STORY, release("v1.4.0-rc.1", "2026-03-04T10:00:00Z", action="released")):
        await github.deliver_payload(event, payload)
    await drain()
    assert await shipped() == {"v1.3.0": {1}, "v1.4.0-rc.1": {2}, "v1.4.0": {3}}


@pytest.mark.parametrize("order", list(itertools.permutations(("push__tag", "release__published"))))
async def test_a_tag_and_its_release_are_one(
    github: Forge, drain: Drain, table: Table, organization: Organization, order: tuple[str, ...]
) -> None:
    for name in order:
        await github.deliver(name)
        await drain()
    [row] = await table("release")
    assert (row["state"], row["released_at"]) == ("published", datetime.fromisoformat("2026-03-05T10:00:00+00:00"))
    assert row["commit"] == organization.hasher.commit("c7" * 20)


async def test_a_tag_alone_ships_and_a_deleted_tag_does_not(github: Forge, drain: Drain, shipped: Any) -> None:
    await github.deliver("pull_request__merged", "push__tag")
    await drain()
    assert await shipped() == {"v1.4.0": {7}}
    gone = {**recorded("github", "push__tag"), "after": "0" * 40, "deleted": True}
    gone["repository"]["pushed_at"] = "2026-03-09T10:00:00Z"
    await github.deliver_payload("push", gone)
    await drain()
    assert await shipped() == {}


async def test_gitlabs_tag_and_release_are_one(gitlab: Forge, drain: Drain, table: Table) -> None:
    await gitlab.deliver("merge_request__merged", "tag_push__created", "release__created", "tag_push__deleted")
    await drain()
    assert [row["state"] for row in await table("release")] == ["published"]
    assert len(await table("release_pull_request")) == 1
