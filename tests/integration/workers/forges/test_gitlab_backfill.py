"""A backfill of GitLab, from the request to the tables, against a GitLab that keeps state and limits."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, TypeAlias

import pytest

from schema.failures import Failure
from service.failures import failure_sentence
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.github_state import Repository
from tests.harness.forges.gitlab import TOKEN, FakeGitlab
from tests.harness.forges.gitlab_state import deliveries
from tests.harness.forges.histories import make_repository
from tests.harness.webhooks import Forge

Tables: TypeAlias = Callable[[], Awaitable[dict[str, list[Any]]]]
Act: TypeAlias = Callable[[], Awaitable[None]]


Server: TypeAlias = tuple[FakeGitlab, str]


async def connect(backfills: Backfills, server: Server, *repositories: Repository) -> dict[str, Any]:
    fake, url = server
    fake.repositories = {each.path: each for each in repositories}
    return await backfills.connect("gitlab", url, token=TOKEN)


async def test_merge_requests_commits_comments_and_releases_are_fetched(
    backfills: Backfills, gitlab_server: Server, tables: Tables
) -> None:
    shop, site = (
        make_repository(1, "octo/shop", pull_requests=120),
        make_repository(2, "octo/sub/site", pull_requests=3),
    )
    await connect(backfills, gitlab_server, shop, site)
    shown = await backfills.run("gitlab")
    assert (shown["state"], shown["failures"], shown["repositories"]) == ("done", {}, 2)
    assert shown["pull_requests"] == 123
    stored = await tables()
    assert len(stored["pull_request"]) == 123
    reported = [*shop.pull_requests, *site.pull_requests]
    assert sum(row[1] == "review" for row in stored["activity"]) == sum(len(each.reviews) for each in reported)
    assert sum(row[1] == "commit" for row in stored["activity"]) == sum(len(each.commits) for each in reported)
    assert len(stored["release"]) == 8
    assert stored["release_pull_request"]
    assert shown["requests"] == len(gitlab_server[0].requests)


async def test_webhooks_and_a_backfill_end_in_the_same_rows_in_any_order(
    backfills: Backfills, gitlab_server: Server, tables: Tables, forget: Act, drain: Act
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=20)
    forge = Forge(backfills.client, "gitlab", await connect(backfills, gitlab_server, shop))
    reported = deliveries(shop)

    async def deliver(some: list[Any]) -> None:
        for each in some:
            await forge.deliver_payload(each.event, each.payload)
        await drain()

    await deliver(reported)
    await backfills.run("gitlab")
    expected = await tables()
    assert len(expected["pull_request"]) == 20
    assert {row[1] for row in expected["activity"]} == {"commit", "push", "review", "open", "merge"}
    shuffled = Random(1).sample(reported, len(reported))
    for before in (0, len(reported) // 2):
        await forget()
        await deliver(shuffled[:before])
        await backfills.run("gitlab")
        await deliver(shuffled[before:])
        assert await tables() == expected


async def test_changes_during_pagination_are_not_missed(
    backfills: Backfills, gitlab_server: Server, tables: Tables
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=150)
    await connect(backfills, gitlab_server, shop)
    first = min(shop.pull_requests, key=lambda each: each.updated_at)
    # After the first page: the order of all that follow moves up by one.
    gitlab_server[0].after_requests[5] = lambda: first.reviews.append(
        (10**6, backfills.clock.now().replace(microsecond=0))
    )
    await backfills.run("gitlab")
    stored = await tables()
    assert len(stored["pull_request"]) == 150
    assert sum(row[1] == "review" for row in stored["activity"]) == sum(
        len(each.reviews) for each in shop.pull_requests
    )


async def test_more_changes_in_one_instant_than_fit_a_page_are_all_fetched(
    backfills: Backfills, gitlab_server: Server, tables: Tables
) -> None:
    shop = make_repository(1, "octo/shop", pull_requests=230)
    at = max(each.updated_at for each in shop.pull_requests)
    for each in shop.pull_requests:
        each.reviews, each.closed_at, each.merged_at = [], None, at
    await connect(backfills, gitlab_server, shop)
    shown = await backfills.run("gitlab")
    assert shown["pull_requests"] == 230
    assert len((await tables())["pull_request"]) == 230


async def test_a_refusal_is_waited_for(backfills: Backfills, gitlab_server: Server) -> None:
    await connect(backfills, gitlab_server, make_repository(1, "octo/shop", pull_requests=8))
    gitlab_server[0].budget.a_minute = 25
    gitlab_server[0].budget.spend(20)
    shown = await backfills.run("gitlab")
    assert (shown["state"], shown["pull_requests"]) == ("done", 8)
    assert gitlab_server[0].refused >= 1


async def test_one_project_below_subgroups_is_found_by_its_path(backfills: Backfills, gitlab_server: Server) -> None:
    await connect(
        backfills,
        gitlab_server,
        make_repository(1, "octo/shop", pull_requests=2),
        make_repository(2, "octo/sub/site", pull_requests=3),
    )
    shown = await backfills.run("gitlab", repository="octo/sub/site")
    assert (shown["repositories"], shown["pull_requests"]) == (1, 3)
    counted = await backfills.run("gitlab", dry_run=True)
    assert (counted["repositories"], counted["expected_pull_requests"], counted["pull_requests"]) == (2, 5, 0)


async def test_a_refused_token_ends_it_with_the_reason(
    backfills: Backfills, gitlab_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = gitlab_server
    await backfills.connect("gitlab", url, token="another")
    shown = await backfills.run("gitlab")
    assert (shown["state"], shown["failures"]) == (
        "failed",
        {failure_sentence(f"{Failure.TOKEN_REFUSED}: 401 Unauthorized"): 1},
    )
    assert "CANARY" not in "".join(capsys.readouterr())
