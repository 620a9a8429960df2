"""What 165 recorded releases of a public repository shipped, rebuilt by requests to the forge."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from schema.identifiers import Hasher
from tests.harness.forges.backfills import Backfills
from tests.harness.forges.enrichments import Enrichments
from tests.harness.forges.github import TOKEN, FakeGithub
from tests.harness.forges.gitlab import TOKEN as GITLAB_TOKEN
from tests.harness.forges.gitlab import FakeGitlab
from tests.harness.forges.recorded_history import RecordedHistory, read_history

Tables = Callable[[], Awaitable[dict[str, list[Any]]]]


@pytest.fixture(scope="module")
def history() -> RecordedHistory:
    return read_history(name="octo/github-api")


def shipped(
    stored: dict[str, list[Any]], history: RecordedHistory, forge: str, hasher: Hasher
) -> dict[str, frozenset[int]]:
    """Numbers of the pull requests that each tag is held to ship first."""
    anchor = hasher.repository_by_id(f"{forge}.com", history.repository.number)
    tags = {hasher.release(anchor, tag): tag for tag in history.shipped}
    numbers = {hasher.pull_request(anchor, each.number): each.number for each in history.repository.pull_requests}
    found: dict[str, set[int]] = {tag: set() for tag in history.shipped}
    for release_id, pull_request_id in stored["release_pull_request"]:
        found[tags[release_id]].add(numbers[pull_request_id])
    return {tag: frozenset(each) for tag, each in found.items()}


@pytest.mark.parametrize("forge", ["github", "gitlab"])
async def test_every_release_ships_the_pull_requests_that_the_record_says(
    forge: str,
    backfills: Backfills,
    enrichments: Enrichments,
    github_server: tuple[FakeGithub, str],
    gitlab_server: tuple[FakeGitlab, str],
    history: RecordedHistory,
    tables: Tables,
) -> None:
    fake, url = github_server if forge == "github" else gitlab_server
    fake.repositories = {history.repository.path: history.repository}
    await backfills.connect(forge, url, token=TOKEN if forge == "github" else GITLAB_TOKEN)
    begun = await backfills.run(forge, since="2010-01-01T00:00:00Z")
    assert (begun["state"], begun["pull_requests"]) == ("done", 801)
    hasher = backfills.organization.hasher
    by_time = shipped(await tables(), history, forge, hasher)
    fake.requests.clear()
    rows = await enrichments.finish()
    releases = [row for row in rows if row["subject"] == "release"]
    assert [row["state"] for row in releases] == ["processed"] * 165
    assert {row["sealed_name"] for row in rows} == {None}
    by_forge = shipped(await tables(), history, forge, hasher)
    assert {tag for tag in history.shipped if by_forge[tag] != history.shipped[tag]} == set()
    assert len(fake.requests) < 4 * len(releases)
    # Time alone cannot tell that a line maintains an earlier version.
    assert {tag for tag in history.shipped if by_time[tag] != history.shipped[tag]} != set()
