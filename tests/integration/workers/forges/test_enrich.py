"""What a forge is asked for after webhooks reported a merge or a release, and how the answer is used."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.harness.forges.backfills import Backfills
from tests.harness.forges.commit_graph import CommitGraph
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository, sha
from tests.harness.webhooks import Forge

Act = Callable[[], Awaitable[None]]
Tables = Callable[[], Awaitable[dict[str, list[Any]]]]
Server = tuple[FakeGithub, str]

TAGS = (
    *("v1.0.0", "v1.0.1", "v1.1.0", "v1.2.0"),
    *("@scope/errors@1.0.0", "@scope/errors@1.1.0", "gone@1.0.1", "errors-1.0.0", "errors-1.1.0"),
)
START = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def merged(number: int, hours: float, base: str = "main") -> PullRequest:
    commits = [(f"{number}-{each}", at(hours - 3 + each)) for each in range(3)]
    return PullRequest(number, f"branch-{number}", at(hours - 2), commits, merged_at=at(hours), base=base)


def make_shop() -> Repository:
    """Pull requests 1 to 4 on the mainline, 5 on a line that maintains v1.0.0; all times a day apart."""
    graph = CommitGraph()
    tip = graph.add(sha("root"), at(0))
    shop = Repository(1, "octo/shop", at(0), graph=graph)

    def take(number: int, hours: float, onto: str) -> str:
        reported = merged(number, hours)
        shop.pull_requests.append(reported)
        work = onto
        for word, made in reported.commits:
            work = graph.add(sha(word), made, work)
            graph.branches[work] = number
        assert reported.made_by_merge is not None
        graph.merges[reported.made_by_merge] = number
        return graph.add(reported.made_by_merge, at(hours), onto, work)

    def release(tag: str, hours: float, commit: str) -> None:
        graph.tags[tag] = commit
        shop.releases.append((tag, at(hours)))
        shop.tags.append((tag, at(hours)))

    first = take(1, 24, tip)
    release("v1.0.0", 25, first)
    tip = take(2, 48, first)
    line = take(5, 72, first)
    release("v1.0.1", 73, line)
    tip = take(3, 96, tip)
    release("v1.1.0", 97, tip)
    take(4, 120, tip)
    return shop


async def coverage(backfills: Backfills) -> Any:
    answer = await backfills.client.get("/api/v1/coverage", headers=backfills.organization.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def reported(backfills: Backfills, drain: Act) -> Callable[..., Awaitable[None]]:
    """Deliver and process the webhooks of a repository."""

    async def deliver(made: dict[str, Any], shop: Repository) -> None:
        forge = Forge(backfills.client, "github", made)
        for each in shop.deliveries():
            await forge.deliver_payload(each.event, each.payload)
        await drain()

    return deliver


@pytest.fixture
def shipped(backfills: Backfills, tables: Tables) -> Callable[[], Awaitable[dict[str, set[int]]]]:
    hasher = backfills.organization.hasher
    anchor = hasher.repository_by_id("github.com", 1)
    tags = {hasher.release(anchor, tag): tag for tag in TAGS}
    numbers = {hasher.pull_request(anchor, number): number for number in range(1, 20)}

    async def read() -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for release_id, pull_request_id in (await tables())["release_pull_request"]:
            found.setdefault(tags[release_id], set()).add(numbers[pull_request_id])
        return found

    return read


async def test_a_merge_reported_by_webhook_gets_all_commits_and_reviews(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, tables: Tables
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url), shop)
    before = await tables()
    fake.requests.clear()
    rows = await enrichments.finish()
    after = await tables()
    commits = sum(len(each.commits) for each in shop.pull_requests)
    assert sum(row[1] == "commit" for row in before["activity"]) < commits
    assert sum(row[1] == "commit" for row in after["activity"]) == commits
    assert [row["state"] for row in rows if row["subject"] == "pull_request"] == ["processed"] * 5
    assert {row["sealed_name"] for row in rows} == {None}
    shown = await coverage(backfills)
    assert shown["pull_requests"] == {"merged": 5, "enriched_share": 1.0, "waiting": 0}
    assert shown["releases"] == {
        "releases": 3,
        "compared": 3,
        "imported": 0,
        "by_time": 0,
        "waiting": 0,
        "notes_agreement": None,
    }
    # All five in one request; then the tags, and of each release its comparison and the merges in it.
    assert fake.requests[0] == "POST /api/graphql"
    assert len(fake.requests) <= 2 + 5 * len(shop.releases)


async def test_a_release_ships_what_its_commits_hold_and_not_what_was_merged_before_it_elsewhere(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url), shop)
    await enrichments.finish()
    assert await shipped() == {"v1.0.0": {1}, "v1.0.1": {5}, "v1.1.0": {2, 3}}


async def test_without_access_no_requests_are_sent_and_history_stays(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url, token=None), shop)
    by_time = await shipped()
    assert await enrichments.finish() == []
    assert await shipped() == by_time != {}
    assert fake.requests == []


async def test_notes_that_the_forge_writes_are_compared_and_forgotten(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories, fake.may_write_contents = {shop.path: shop}, True
    await reported(await backfills.connect("github", url), shop)
    rows = await enrichments.finish()
    assert sorted(
        (row["noted_pull_requests"], row["confirmed_pull_requests"]) for row in rows if row["subject"] == "release"
    ) == [
        (1, 1),
        (1, 1),
        (2, 2),
    ]


async def test_a_deleted_release_leaves_its_pull_requests_to_the_next(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any, drain: Act
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    made = await backfills.connect("github", url)
    await reported(made, shop)
    await enrichments.finish()
    last = next(each for each in shop.deliveries() if each.payload.get("release", {}).get("tag_name") == "v1.0.0")
    await Forge(backfills.client, "github", made).deliver_payload("release", {**last.payload, "action": "deleted"})
    await drain()
    await enrichments.finish()
    assert await shipped() == {"v1.0.1": {1, 5}, "v1.1.0": {2, 3}}


async def test_requests_that_the_forge_defers_are_retried_in_time(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url), shop)
    fake.fail(403, headers={"retry-after": "600"}, body="You have exceeded a secondary rate limit")
    await enrichments.work()
    assert {row["failure"] for row in await enrichments.rows()} >= {"rate_limited"}
    await enrichments.finish()
    assert await shipped() == {"v1.0.0": {1}, "v1.0.1": {5}, "v1.1.0": {2, 3}}
    assert fake.refused_in_a_row == 0


async def test_a_refusal_ends_it_with_the_reason_and_history_stands(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any
) -> None:
    _, url = github_server
    shop = make_shop()
    await reported(await backfills.connect("github", url), shop)
    by_time = await shipped()
    rows = await enrichments.finish()
    assert {(row["state"], row["failure"], row["sealed_name"]) for row in rows} == {("dead", "not_found: 404", None)}
    assert await shipped() == by_time != {}
    assert TOKEN not in str(rows)


async def test_an_imported_list_overrides_the_forge(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any, drain: Act
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url), shop)
    item = {"forge": "github", "repository": "github.com/octo/shop", "tag": "v1.1.0", "state": "published"}
    body = {"items": [{**item, "released_at": at(97).isoformat(), "pull_requests": [2]}]}
    answer = await backfills.client.post("/api/v1/releases", json=body, headers=backfills.organization.headers)
    assert answer.status_code == 202, answer.text
    await drain()
    await enrichments.finish()
    assert (await shipped())["v1.1.0"] == {2}
    assert (await coverage(backfills))["releases"]["imported"] == 1


async def test_a_squashed_branch_ships_the_changes_it_contains(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, reported: Any, shipped: Any
) -> None:
    fake, url = github_server
    graph = CommitGraph()
    root = graph.add(sha("root"), at(0))
    carried, carrier = merged(6, 24, base="develop"), merged(7, 48)
    carrier.branch, carrier.merge_commit = "develop", sha("squash of 7")
    graph.merges[sha("squash of 7")] = 7
    graph.tags = {"v1.0.0": root, "v1.2.0": graph.add(sha("squash of 7"), at(48), root)}
    tags = [("v1.0.0", at(1)), ("v1.2.0", at(49))]
    shop = Repository(1, "octo/shop", at(0), [carried, carrier], tags, tags, graph=graph)
    fake.repositories = {shop.path: shop}
    await reported(await backfills.connect("github", url), shop)
    await enrichments.finish()
    assert await shipped() == {"v1.2.0": {6, 7}}


async def test_a_moved_tag_ships_what_its_new_commit_contains(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, shipped: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    fake.repositories = {shop.path: shop}
    await backfills.connect("github", url)
    await backfills.run(since="2026-01-01T00:00:00Z")
    await enrichments.finish()
    assert (await shipped())["v1.1.0"] == {2, 3}
    assert shop.graph is not None
    shop.graph.tags["v1.1.0"] = sha("merge of 2")
    shop.tags = [(tag, at(130) if tag == "v1.1.0" else made) for tag, made in shop.tags]
    await backfills.run(since="2026-01-01T00:00:00Z")
    await enrichments.finish()
    assert (await shipped())["v1.1.0"] == {2}


async def test_manifests_that_no_pull_request_changed_say_where_a_package_lies(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, shipped: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    assert shop.graph is not None
    for old, new in (("v1.0.0", "errors-1.0.0"), ("v1.1.0", "errors-1.1.0")):
        shop.graph.tags[new] = shop.graph.tags.pop(old)
        shop.tags = [(new if tag == old else tag, made) for tag, made in shop.tags]
    shop.releases = []
    shop.files = {"packages/of-errors/package.json": '{\n  "name": "errors",\n  "author": "CANARY-person"\n}'}
    for pull_request in shop.pull_requests:
        folder = "packages/of-errors" if pull_request.number in {1, 3} else "packages/other"
        pull_request.paths = [f"{folder}/CANARY-path.ts"]
    fake.repositories = {shop.path: shop}
    await backfills.connect("github", url)
    await backfills.run(since="2026-01-01T00:00:00Z")
    await enrichments.finish()
    found = await shipped()
    assert (found["errors-1.0.0"], found["errors-1.1.0"]) == ({1}, {3})


async def test_a_release_of_a_package_ships_what_changed_its_folder(
    backfills: Backfills, enrichments: Enrichments, github_server: Server, shipped: Any, table: Any
) -> None:
    fake, url = github_server
    shop = make_shop()
    assert shop.graph is not None
    for old, new in (("v1.0.0", "@scope/errors@1.0.0"), ("v1.1.0", "@scope/errors@1.1.0"), ("v1.0.1", "gone@1.0.1")):
        shop.graph.tags[new] = shop.graph.tags.pop(old)
        shop.tags = [(new if tag == old else tag, made) for tag, made in shop.tags]
    shop.releases = []
    for pull_request in shop.pull_requests:
        folder = "packages/errors" if pull_request.number in {1, 3} else "packages/other"
        pull_request.paths = [f"{folder}/CANARY-path.ts"]
    fake.repositories = {shop.path: shop}
    await backfills.connect("github", url)
    await backfills.run(since="2026-01-01T00:00:00Z")
    await enrichments.finish()
    assert await shipped() == {"@scope/errors@1.0.0": {1}, "@scope/errors@1.1.0": {3}, "gone@1.0.1": {1, 5}}
    assert sorted(row["by_package_folder"] for row in await table("release")) == [False, True, True]
