"""A real repository's history, against what is known of it.

Set SHIPLEDGER_HISTORY_CLONE to a clone of github.com/hub4j/github-api.
"""

import json
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from schema.database import Database
from schema.identifiers import RepositoryName
from service.imports.git.clone import read_merged_work
from service.imports.git.history import MergedPullRequest
from service.imports.git.items import in_bulks, pull_request_item, release_item
from service.imports.git.reader import GitRepository
from service.imports.git.releases import TaggedRelease, find_releases
from tests.harness.organization import Organization

pytestmark = pytest.mark.shared

VARIABLE = "SHIPLEDGER_HISTORY_CLONE"
SECONDS = 30
NAME = RepositoryName("github.com", "hub4j/github-api")
# The reference knows merges by GitHub on main. Others were made by hand (`Merge branch 'pull-6'`), or on main-1.x.
BY_HAND = {6, 15, 22, 32, 33, 51, 69, 76, 84, 86, 87, 117}
MAINTAINED = {1944, 1947, 2019, 2029, 2117, 2118}
# The reference follows first parents. main-1.x took these in before 2.0 was out, so its releases held them first.
HELD_FIRST = {"github-api-1.326": {1934, 1936, 1937, 1939, 1945}, "github-api-1.327": {2018}}


@pytest.fixture(scope="module")
def found() -> tuple[list[MergedPullRequest], list[TaggedRelease]]:
    place = os.environ.get(VARIABLE)
    if not place:
        pytest.skip(f"{VARIABLE} names no clone of github.com/hub4j/github-api")
    began = time.monotonic()
    clone = GitRepository(Path(place))
    work = read_merged_work(clone, clone.read_history("origin"), "github", NAME, with_sides=True)
    releases = find_releases(work.history, work.pull_requests)
    assert time.monotonic() - began < SECONDS
    return work.pull_requests, releases


@pytest.fixture
def shipped(shared: Path) -> dict[str, set[int]]:
    """Return what each release of the reference ships."""
    reference = json.loads((shared / "history" / "github-api.json").read_text())["releases"]
    moved = set().union(*HELD_FIRST.values())
    return {
        known["tag"]: {*known["pull_requests"]} - moved | HELD_FIRST.get(known["tag"], set()) for known in reference
    }


def test_the_merges_are_those_of_the_reference(
    shared: Path, found: tuple[list[MergedPullRequest], list[TaggedRelease]]
) -> None:
    """The reference knows what was merged with a merge commit; squashed pull requests come on top."""
    reference = json.loads((shared / "history" / "github-api.json").read_text())["pull_requests"]
    expected = {
        known["number"]: (
            known["merge_commit"],
            datetime.fromisoformat(known["merged_at"]),
            {(commit["sha"], datetime.fromisoformat(commit["authored_at"])) for commit in known["commits"]},
        )
        for known in reference
    }
    merges = {
        pull_request.number: (
            pull_request.merge.sha,
            pull_request.merge.committed_at,
            {(commit.sha, commit.authored_at) for commit in pull_request.commits},
        )
        for pull_request in found[0]
        if not pull_request.squashed
    }
    assert len(expected) == 801
    assert {number: merges[number] for number in expected} == expected
    assert merges.keys() - expected.keys() == BY_HAND | MAINTAINED
    squashed = {pull_request.number for pull_request in found[0] if pull_request.squashed}
    assert squashed
    assert not squashed & expected.keys()


def test_the_releases_are_those_of_the_reference(
    shared: Path, shipped: dict[str, set[int]], found: tuple[list[MergedPullRequest], list[TaggedRelease]]
) -> None:
    reference = json.loads((shared / "history" / "github-api.json").read_text())["releases"]
    expected = {
        known["tag"]: (known["commit"], datetime.fromisoformat(known["at"]), shipped[known["tag"]])
        for known in reference
    }
    merges = {each.number for each in found[0] if not each.squashed} - BY_HAND - MAINTAINED
    releases = {
        release.tag.name: (release.tag.commit, release.tag.tagged_at, merges.intersection(release.pull_requests))
        for release in found[1]
    }
    assert len(expected) == 165
    assert releases == expected


async def test_the_releases_arrive_with_the_pull_requests_of_the_reference(
    shipped: dict[str, set[int]],
    found: tuple[list[MergedPullRequest], list[TaggedRelease]],
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    record_deliveries: Callable[[int], Awaitable[None]],
) -> None:
    """Sent as `shipledger import git` sends them, releases first for once."""
    merges = [each for each in found[0] if not each.squashed and each.number not in BY_HAND | MAINTAINED]
    for path, items in (
        ("releases", [release_item("github", NAME, each) for each in found[1]]),
        ("pull-requests", [pull_request_item("github", NAME, each) for each in merges]),
    ):
        for bulk in in_bulks(items):
            body = msgspec.json.encode({"items": bulk})
            answer = await client.post(f"/api/v1/{path}", content=body, headers=organization.headers)
            assert answer.status_code == 202, answer.text
    await record_deliveries(organization.organization_id)
    hasher = organization.hasher
    anchor = hasher.repository_by_name(NAME)
    expected = {
        (hasher.release(anchor, tag), hasher.pull_request(anchor, number))
        for tag, numbers in shipped.items()
        for number in numbers
    }
    merged = {hasher.pull_request(anchor, each.number) for each in merges}
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.fetch(
            "SELECT release_id, pull_request_id FROM release_pull_request WHERE organization_id = $1"
        )
        releases = await tenant.fetchval("SELECT count(*) FROM release WHERE organization_id = $1")
    assert releases == len(shipped) == 165
    assert {tuple(row) for row in rows if row["pull_request_id"] in merged} == expected
