"""Stories of tags and releases that names and moves make hard, told in every kind of order, through webhooks."""

import random
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from tests.harness.organization import Organization
from tests.harness.webhooks import Forge
from tests.integration.workers.stores.test_release_families import (
    Delivery,
    at,
    deliver,
    merged,
    pushed,
    released,
    sha,
    tagged,
    untagged,
)

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]
Story = tuple[Delivery, ...]
Shipped = dict[str, set[int]]

# Each is what happened, and what is shipped in the end.
STORIES: dict[str, tuple[Story, Shipped]] = {
    "aliases of three families, some set before the exact tag": (
        (
            merged(1, at(2)),
            tagged("v1", at(3, 8), sha(1)),
            tagged("v1.0", at(3, 9), sha(1)),
            tagged("v1.0.0", at(3), sha(1)),
            tagged("stable", at(3, 11), sha(1)),
            merged(2, at(4)),
            tagged("edge", at(4, 11), sha(2)),
            merged(3, at(5)),
            tagged("v1.0.1", at(6), sha(3)),
            tagged("v1.0", at(6, 11), sha(3)),
            tagged("v1", at(6, 12), sha(3)),
            tagged("stable", at(6, 13), sha(3)),
        ),
        {"v1.0.0": {1}, "v1.0.1": {2, 3}},
    ),
    "a tag deleted and created again after its release was deleted, and deleted in the end": (
        (
            merged(1, at(2)),
            tagged("v1.0.0", at(3), sha(1)),
            released("v1.0.0", at(3)),
            untagged("v1.0.0", at(4)),
            released("v1.0.0", at(3), "deleted"),
            tagged("v1.0.0", at(5), sha(1)),
            untagged("v1.0.0", at(6)),
            merged(2, at(7)),
            tagged("v1.0.1", at(8), sha(2)),
        ),
        {"v1.0.1": {1, 2}},
    ),
    "a tag that is moved back": (
        (
            merged(1, at(2)),
            merged(2, at(3)),
            tagged("v1.0.0", at(4), sha(2)),
            tagged("v1.0.0", at(5), sha(1)),
            merged(3, at(6)),
            tagged("v1.0.1", at(7), sha(3)),
        ),
        {"v1.0.0": {1}, "v1.0.1": {2, 3}},
    ),
    "a maintained branch with a backport": (
        (
            merged(1, at(2)),
            pushed("main", at(2), sha(1)),
            tagged("v1.0.0", at(3), sha(1)),
            merged(2, at(4)),
            pushed("release/1.0", at(5), sha(50)),
            merged(3, at(6), "release/1.0"),
            pushed("release/1.0", at(6), sha(3)),
            tagged("v1.0.1", at(7), sha(3)),
            merged(4, at(8)),
            tagged("v1.1.0", at(9), sha(4)),
        ),
        {"v1.0.0": {1}, "v1.0.1": {3}, "v1.1.0": {2, 4}},
    ),
    "calendar versions, platforms, builds and commits behind a version": (
        (
            merged(1, at(2)),
            tagged("2026.03.1", at(3), sha(1)),
            merged(2, at(4)),
            tagged("2026.03.2-android", at(5), sha(2)),
            tagged("2026.03.2-ios", at(5, 11), sha(2)),
            merged(3, at(6)),
            tagged("2026.03.3-lts", at(7), sha(3)),
            merged(4, at(8)),
            tagged("2026.03.4+45", at(9), sha(4)),
            merged(5, at(10)),
            tagged("2026.03.5-a1b2c3d", at(11), sha(5)),
        ),
        {
            "2026.03.1": {1},
            "2026.03.2-android": {2},
            "2026.03.3-lts": {3},
            "2026.03.4+45": {4},
            "2026.03.5-a1b2c3d": {5},
        },
    ),
    "a hotfix that is named before its version": (
        (
            merged(1, at(2)),
            tagged("v1.0.0", at(3), sha(1)),
            merged(2, at(4)),
            tagged("hotfix/1.0.1", at(5), sha(2)),
            merged(3, at(6)),
            tagged("v1.1.0", at(7), sha(3)),
        ),
        {"v1.0.0": {1}, "hotfix/1.0.1": {2}, "v1.1.0": {3}},
    ),
}


def orders(story: Story) -> list[Story]:
    return [story, story[::-1], *(tuple(random.Random(seed).sample(story, len(story))) for seed in range(2))]


@pytest.mark.parametrize("order", range(4), ids=["as it happened", "backwards", "0", "1"])
@pytest.mark.parametrize("name", STORIES)
async def test_the_order_of_deliveries_changes_no_shipment(
    github: Forge, drain: Drain, table: Table, organization: Organization, name: str, order: int
) -> None:
    story, expected = STORIES[name]
    await deliver(github, drain, orders(story)[order], one_by_one=order % 2 == 0)
    hasher = organization.hasher
    anchor = hasher.repository_by_id("github.com", 910001)
    found = {(row["release_id"], row["pull_request_id"]) for row in await table("release_pull_request")}
    assert found == {
        (hasher.release(anchor, tag), hasher.pull_request(anchor, number))
        for tag, numbers in expected.items()
        for number in numbers
    }
