"""Tags, releases, merges and pushes of one repository in any order: what each release ships first of its family."""

import itertools
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests.harness.organization import Organization
from tests.harness.webhooks import Forge, recorded
from vocabulary.tag_names import read_tag

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]
Delivery = tuple[str, dict[str, Any]]
Shipped = Callable[[], Awaitable[dict[str, set[int]]]]

TAGS = (
    *("v1.0.0", "v1.0.1", "v1.1.0", "v1.1.0-rc.1", "v1.2.0", "v2.0.0", "v1", "pkg@1.0.0", "pkg@1.1.0"),
    *("@scope/pkg@1.0.0", "@scope/pkg@1.1.0", "tool/v1.0.0", "latest"),
)


def at(day: int, hour: int = 10) -> str:
    return f"2026-03-{day:02d}T{hour:02d}:00:00Z"


def sha(number: int) -> str:
    return f"{number:040x}"


def merged(number: int, when: str, base: str = "main", **changes: Any) -> Delivery:
    """A pull request merged then, its merge commit named by its number."""
    payload = recorded("github", "pull_request__merged")
    reported = payload["pull_request"]
    reported.update(number=number, created_at=at(1, 0), merged_at=when, closed_at=when, updated_at=when)
    reported.update(merge_commit_sha=sha(number), **changes)
    reported["head"].update(ref=f"CANARY-branch-{number}", sha=sha(1000 + number))
    reported["base"]["ref"] = base
    return "pull_request", {**payload, "number": number}


def released(tag: str, when: str, action: str = "published", **changes: Any) -> Delivery:
    payload = recorded("github", "release__published")
    payload["action"] = action
    payload["release"].update({"tag_name": tag, "published_at": when, "created_at": when, **changes})
    return "release", payload


def tagged(tag: str, when: str, commit: str) -> Delivery:
    payload = recorded("github", "push__tag")
    payload.update(ref=f"refs/tags/{tag}", after=commit)
    payload["head_commit"].update(id=commit, timestamp=when)
    payload["repository"]["pushed_at"] = int(datetime.fromisoformat(when).timestamp())
    return "push", payload


def untagged(tag: str, when: str) -> Delivery:
    event, payload = tagged(tag, when, "0" * 40)
    return event, {**payload, "deleted": True, "head_commit": None}


def pushed(branch: str, when: str, commit: str, message: str = "CANARY-message") -> Delivery:
    payload = recorded("github", "push__first_commits")
    payload.update(ref=f"refs/heads/{branch}", after=commit, created=False)
    payload["commits"] = [{**payload["commits"][0], "id": commit, "timestamp": when, "message": message}]
    payload["head_commit"] = payload["commits"][0]
    payload["repository"]["pushed_at"] = int(datetime.fromisoformat(when).timestamp())
    return "push", payload


@pytest.fixture
def shipped(table: Table, organization: Organization) -> Shipped:
    """Numbers of the pull requests of each tag that ships any."""
    hasher = organization.hasher
    anchor = hasher.repository_by_id("github.com", 910001)
    tags = {hasher.release(anchor, tag): tag for tag in TAGS}
    numbers = {hasher.pull_request(anchor, number): number for number in range(1, 40)}

    async def read() -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for row in await table("release_pull_request"):
            found.setdefault(tags[row["release_id"]], set()).add(numbers[row["pull_request_id"]])
        return found

    return read


async def deliver(forge: Forge, drain: Drain, deliveries: tuple[Delivery, ...], *, one_by_one: bool) -> None:
    for event, payload in deliveries:
        await forge.deliver_payload(event, payload)
        if one_by_one:
            await drain()
    await drain()


def orders(story: tuple[Delivery, ...]) -> list[tuple[Delivery, ...]]:
    """As it happened, backwards, and shuffled three ways."""
    shuffled = [random.Random(seed).sample(story, len(story)) for seed in range(3)]
    return [story, story[::-1], *map(tuple, shuffled)]


MONOREPO = (
    merged(1, at(2)),
    released("pkg@1.0.0", at(3)),
    released("@scope/pkg@1.0.0", at(4)),
    merged(2, at(5)),
    released("tool/v1.0.0", at(6)),
    released("pkg@1.1.0", at(7)),
    merged(3, at(8)),
    released("@scope/pkg@1.1.0", at(9)),
)


@pytest.mark.parametrize("story", orders(MONOREPO))
async def test_each_package_of_a_repository_counts_from_its_own_release(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {
        "pkg@1.0.0": {1},
        "pkg@1.1.0": {2},
        "@scope/pkg@1.0.0": {1},
        "@scope/pkg@1.1.0": {2, 3},
        "tool/v1.0.0": {1, 2},
    }


HOTFIX = (
    merged(1, at(2)),
    pushed("main", at(2), sha(1)),
    tagged("v1.0.0", at(3), sha(1)),
    released("v1.0.0", at(3, 11)),
    merged(2, at(4)),
    pushed("1.x", at(5), sha(50)),
    merged(3, at(6), "1.x"),
    tagged("v1.0.1", at(7), sha(3)),
    released("v1.0.1", at(7, 11)),
    merged(4, at(8)),
    pushed("main", at(8, 12), sha(51)),
    merged(5, at(9)),
    tagged("v1.1.0", at(10), sha(51)),
    released("v1.1.0", at(10, 11)),
)


@pytest.mark.parametrize("story", orders(HOTFIX))
async def test_a_hotfix_branch_and_a_tag_on_an_older_commit(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    """#5 was merged before v1.1.0 was tagged, but after the commit that was."""
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.0.0": {1}, "v1.0.1": {3}, "v1.1.0": {2, 4}}


async def test_a_hotfix_branch_named_only_by_the_releases_target(github: Forge, drain: Drain, shipped: Shipped) -> None:
    story = (
        merged(1, at(2)),
        released("v1.0.0", at(3)),
        merged(2, at(4)),
        merged(3, at(6), "1.x", created_at=at(5)),
        released("v1.0.1", at(7), target_commitish="1.x"),
        released("v1.1.0", at(8)),
    )
    await deliver(github, drain, story, one_by_one=False)
    assert await shipped() == {"v1.0.0": {1}, "v1.0.1": {3}, "v1.1.0": {2}}


MOVED = (
    merged(1, at(2)),
    tagged("v1.0.0", at(3), sha(1)),
    released("v1.0.0", at(3, 11)),
    merged(2, at(4)),
    tagged("v1.0.0", at(5), sha(2)),
    merged(3, at(6)),
    tagged("v1.1.0", at(7), sha(3)),
)


@pytest.mark.parametrize("story", orders(MOVED))
async def test_a_tag_that_is_moved_ships_what_came_in_between(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.0.0": {1, 2}, "v1.1.0": {3}}


@pytest.mark.parametrize("one_by_one", [True, False])
async def test_a_moving_major_tag_takes_nothing_from_exact_ones(
    github: Forge, drain: Drain, shipped: Shipped, one_by_one: bool
) -> None:
    story = (
        merged(1, at(2)),
        tagged("v1.0.0", at(3), sha(1)),
        tagged("v1", at(3), sha(1)),
        merged(2, at(4)),
        tagged("v1.1.0", at(5), sha(2)),
        tagged("v1", at(5, 11), sha(2)),
        tagged("latest", at(5, 12), sha(2)),
    )
    await deliver(github, drain, story, one_by_one=one_by_one)
    assert await shipped() == {"v1.0.0": {1}, "v1.1.0": {2}}


ALIAS_FIRST = (
    merged(1, at(2)),
    tagged("v1", at(3, 9), sha(1)),
    tagged("v1.0.0", at(3), sha(1)),
    merged(2, at(4)),
    tagged("v1", at(5, 9), sha(2)),
    tagged("latest", at(5, 9), sha(2)),
    tagged("v1.1.0", at(5), sha(2)),
)


@pytest.mark.parametrize("story", orders(ALIAS_FIRST))
async def test_a_moving_tag_that_is_set_before_the_exact_one_ships_nothing(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.0.0": {1}, "v1.1.0": {2}}


DELETED_AND_TAGGED = (
    merged(1, at(2)),
    tagged("v1.0.0", at(3), sha(1)),
    released("v1.0.0", at(3)),
    released("v1.0.0", at(4), "deleted", updated_at=at(4)),
    tagged("v1.0.0", at(5), sha(1)),
)


@pytest.mark.parametrize("story", orders(DELETED_AND_TAGGED))
async def test_a_tag_pushed_again_after_its_release_was_deleted_is_a_release_again(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.0.0": {1}}


PUBLISHED_LATE = (
    merged(1, at(2)),
    released("v1.0.0", at(3), "created", draft=True, published_at=None),
    merged(2, at(4)),
    released("v1.0.0", at(5)),
    merged(3, at(6)),
    released("v1.1.0-rc.1", at(7), "prereleased", prerelease=True),
    merged(4, at(8)),
    released("v1.1.0", at(9)),
)


@pytest.mark.parametrize("story", orders(PUBLISHED_LATE))
async def test_drafts_published_and_prereleases(
    github: Forge, drain: Drain, shipped: Shipped, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.0.0": {1, 2}, "v1.1.0-rc.1": {3}, "v1.1.0": {4}}


async def test_a_release_deleted_or_taken_offline_gives_its_pull_requests_to_the_next(
    github: Forge, drain: Drain, shipped: Shipped
) -> None:
    story = (merged(1, at(2)), released("v1.0.0", at(3)), merged(2, at(4)), released("v1.1.0", at(5)))
    await deliver(github, drain, story, one_by_one=False)
    assert await shipped() == {"v1.0.0": {1}, "v1.1.0": {2}}
    gone = released("v1.0.0", at(3), "deleted")
    await deliver(github, drain, (gone,), one_by_one=True)
    assert await shipped() == {"v1.1.0": {1, 2}}
    anew = released("v1.0.0", at(6))
    await deliver(github, drain, (anew, released("v1.1.0", at(5), "unpublished", draft=True)), one_by_one=True)
    assert await shipped() == {"v1.0.0": {1, 2}}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_tag_deleted_and_a_release_that_describes_it(
    github: Forge, drain: Drain, shipped: Shipped, order: tuple[int, ...]
) -> None:
    """Whatever becomes of the tag, what the forge says of the release stands."""
    story = (tagged("v1.0.0", at(3), sha(1)), released("v1.0.0", at(3, 11)), untagged("v1.0.0", at(4)))
    await deliver(github, drain, (merged(1, at(2)), *(story[place] for place in order)), one_by_one=True)
    assert await shipped() == {"v1.0.0": {1}}


async def test_a_release_given_another_tag_is_no_release_of_the_former(
    github: Forge, drain: Drain, shipped: Shipped
) -> None:
    renamed = released("v1.1.0", at(3), "edited")
    renamed[1]["changes"] = {"tag_name": {"from": "v1.0.0"}}
    await deliver(github, drain, (merged(1, at(2)), released("v1.0.0", at(3)), renamed), one_by_one=True)
    assert await shipped() == {"v1.1.0": {1}}


async def test_a_stacked_pull_request_ships_with_the_one_below_it(
    github: Forge, drain: Drain, shipped: Shipped
) -> None:
    lower = merged(1, at(6))
    story = (
        merged(2, at(3), "CANARY-branch-1"),
        released("v1.0.0", at(4)),
        released("v1.1.0", at(7)),
        lower,
    )
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.1.0": {1, 2}}


async def test_what_an_import_listed_stays_when_a_forge_reports_later(
    github: Forge, drain: Drain, shipped: Shipped, organization: Organization
) -> None:
    basis = {"forge": "github", "repository": "github.com/octo-harbour/parcel", "repository_id": 910001}
    listed = {**basis, "tag": "v1.1.0", "state": "published", "released_at": at(8), "pull_requests": [1, 2, 9]}
    answer = await github.client.post("/api/v1/releases", json={"items": [listed]}, headers=organization.headers)
    assert answer.status_code == 202, answer.text
    await drain()
    story = (
        merged(1, at(2)),
        released("v1.0.0", at(3)),
        merged(2, at(4)),
        merged(3, at(5)),
        released("v1.1.0", at(6)),
        merged(4, at(9)),
        released("v1.2.0", at(10)),
    )
    await deliver(github, drain, story, one_by_one=True)
    assert await shipped() == {"v1.1.0": {1, 2, 9}, "v1.2.0": {4}}


async def test_of_a_tag_only_a_hash_and_numbers_are_kept(github: Forge, drain: Drain, table: Table) -> None:
    await deliver(github, drain, (released("CANARY-pkg@1.2.3-CANARY.4", at(3)),), one_by_one=True)
    (row,) = await table("release")
    assert (row["version"], row["is_prerelease"]) == ([1, 2, 3], True)
    assert read_tag("CANARY-pkg@1.2.3-CANARY.4").family == "canary-pkg"
    assert b"canary" not in b"".join(value for value in row.values() if isinstance(value, bytes)).lower()
    assert row["released_at"] == datetime(2026, 3, 3, 10, tzinfo=UTC)
