"""One history by webhooks, by a backfill and by an import: the same facts, the same ledger."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from schema.database import Database
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github import FakeGithub
from tests.harness.forges.github_state import PullRequest, Repository, sha, written
from tests.harness.forges.histories import make_repository
from tests.harness.webhooks import Forge

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Forget: TypeAlias = Callable[[], Awaitable[None]]
Drain: TypeAlias = Callable[[], Awaitable[None]]
Ledger: TypeAlias = Callable[[], Awaitable[list[tuple[Any, ...]]]]
Server: TypeAlias = tuple[FakeGithub, str]

SHOP = "github.com/octo/shop"
# What imports do not report: titles, labels, a default branch and since when a repository bears its name.
REPORTED = ("pull_request", "artifact_alias", "release", "release_pull_request", "outcome")


def pull_request_item(repository: Repository, reported: PullRequest) -> dict[str, Any]:
    """A pull request as somebody would import it who knows all of it."""
    return {
        "forge": "github",
        "repository": SHOP,
        "repository_id": repository.number,
        "number": reported.number,
        "state": "merged" if reported.merged_at else "abandoned" if reported.closed_at else "open",
        "opened_at": written(reported.opened_at),
        "merged_at": written(reported.merged_at),
        "closed_at": written(reported.merged_at or reported.closed_at),
        "updated_at": written(reported.updated_at),
        "draft": False,
        "head_branch": reported.branch,
        "base_branch": reported.base,
        "commits": [{"sha": sha(word), "authored_at": written(at)} for word, at in reported.commits],
        "merge_commit": reported.made_by_merge,
        "reviews": [written(at) for _, at in reported.reviews],
        "changed_lines": reported.additions + 1,
        "changed_files": 2,
    }


def release_items(repository: Repository) -> list[dict[str, Any]]:
    released = dict(repository.releases)
    return [
        {
            "forge": "github",
            "repository": SHOP,
            "repository_id": repository.number,
            "tag": tag,
            "state": state,
            "released_at": written(at),
            "commit": repository.commit_of(tag),
        }
        for tag, at in repository.tags
        for state in (("tag", "published") if tag in released else ("tag",))
    ]


def token_events(repository: Repository, *, is_linked: bool) -> list[dict[str, Any]]:
    """Of each pull request by its branch, number and last commit; else of the repository alone."""
    links: list[Callable[[PullRequest], dict[str, Any]]] = [
        lambda each: {"branch": each.branch},
        lambda each: {"number": each.number},
        lambda each: {"commit": sha(each.commits[-1][0])},
    ]
    if not is_linked:
        links = [lambda _: {}]
    return [
        {
            "event_id": f"event {each.number} {place}",
            "occurred_at": written(each.opened_at + timedelta(minutes=1)),
            "source": "claude-code",
            "provider": "anthropic",
            "model": "claude-sonnet-4-5",
            "repository": SHOP,
            "tokens": {"input_uncached": 1000 + each.number, "output_visible": place},
            **link(each),
        }
        for each in repository.pull_requests
        for place, link in enumerate(links)
    ]


@pytest.fixture
def ledger(database: Database, backfills: Backfills) -> Ledger:
    """Every row of it."""

    async def read() -> list[tuple[Any, ...]]:
        async with database.organization(backfills.organization.organization_id) as tenant:
            rows = await tenant.fetch("SELECT * FROM attribution WHERE organization_id = $1")
        return sorted((tuple(row) for row in rows), key=repr)

    return read


@pytest.fixture
def post(backfills: Backfills) -> Callable[..., Awaitable[None]]:
    async def send(path: str, items: list[dict[str, Any]]) -> None:
        headers = backfills.organization.headers
        answer = await backfills.client.post(f"/api/v1/{path}", json={"items": items}, headers=headers)
        assert answer.is_success, answer.text

    return send


async def test_webhooks_a_backfill_and_an_import_end_in_the_same_ledger(
    backfills: Backfills,
    github_server: Server,
    forget: Forget,
    drain: Drain,
    ledger: Ledger,
    tables: Tables,
    post: Callable[..., Awaitable[None]],
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=30, days=20)
    fake.repositories = {shop.path: shop}
    forge = Forge(backfills.client, "github", await backfills.connect("github", url))

    async def webhooks() -> None:
        for each in shop.deliveries():
            await forge.deliver_payload(each.event, each.payload)

    async def backfilled() -> None:
        await backfills.run()

    async def imported() -> None:
        await post("pull-requests", [pull_request_item(shop, each) for each in shop.pull_requests])
        await post("releases", release_items(shop))

    ledgers, known = [], []
    for source in (webhooks, backfilled, imported):
        await forget()
        await post("token-events", token_events(shop, is_linked=True))
        await source()
        await drain()
        ledgers.append(await ledger())
        known.append((await tables())["pull_request"])
    assert len(ledgers[0]) >= 90
    assert ledgers[0] == ledgers[1] == ledgers[2]
    assert known[0] == known[1] == known[2]


async def test_an_import_stores_what_a_backfill_does_and_splits_unlinked_tokens_equally(
    backfills: Backfills,
    github_server: Server,
    forget: Forget,
    drain: Drain,
    ledger: Ledger,
    tables: Tables,
    post: Callable[..., Awaitable[None]],
) -> None:
    fake, url = github_server
    shop = make_repository(1, "octo/shop", pull_requests=30, days=20, seed=3)
    fake.repositories = {shop.path: shop}
    await backfills.connect("github", url)
    await post("token-events", token_events(shop, is_linked=False))
    await backfills.run()
    await drain()
    by_backfill, settled = await tables(), await ledger()
    await forget()
    await post("token-events", token_events(shop, is_linked=False))
    await post("releases", release_items(shop))
    await post("pull-requests", [pull_request_item(shop, each) for each in shop.pull_requests])
    await drain()
    by_import = await tables()
    for table in REPORTED:
        assert by_import[table] == by_backfill[table], table
    # A backfill names reviews by their ids; an import knows only when they were.
    work, same = (
        [(*row[:2], row[3], row[1] != "review" and row[2]) for row in known["activity"]]
        for known in (by_import, by_backfill)
    )
    assert sorted(work, key=repr) == sorted(same, key=repr)
    assert len(settled) > 30
    assert await ledger() == settled
