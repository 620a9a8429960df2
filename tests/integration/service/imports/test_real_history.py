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
from service.imports.git.history import MergedPullRequest, find_pull_requests
from service.imports.git.items import in_bulks, pull_request_item, release_item
from service.imports.git.reader import GitRepository
from service.imports.git.releases import TaggedRelease, find_releases
from tests.harness.organization import Organization

pytestmark = pytest.mark.shared

VARIABLE = "SHIPLEDGER_HISTORY_CLONE"
SECONDS = 30


@pytest.fixture(scope="module")
def found() -> tuple[list[MergedPullRequest], list[TaggedRelease]]:
    place = os.environ.get(VARIABLE)
    if not place:
        pytest.skip(f"{VARIABLE} names no clone of github.com/hub4j/github-api")
    began = time.monotonic()
    history = GitRepository(Path(place)).read_history("origin")
    pull_requests = find_pull_requests(history, "github")
    releases = find_releases(history, pull_requests)
    assert time.monotonic() - began < SECONDS
    return pull_requests, releases


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
    assert merges == expected
    squashed = {pull_request.number for pull_request in found[0] if pull_request.squashed}
    assert squashed
    assert not squashed & expected.keys()


def test_the_releases_are_those_of_the_reference(
    shared: Path, found: tuple[list[MergedPullRequest], list[TaggedRelease]]
) -> None:
    reference = json.loads((shared / "history" / "github-api.json").read_text())["releases"]
    expected = {
        known["tag"]: (known["commit"], datetime.fromisoformat(known["at"]), set(known["pull_requests"]))
        for known in reference
    }
    merges = {pull_request.number for pull_request in found[0] if not pull_request.squashed}
    releases = {
        release.tag.name: (release.tag.commit, release.tag.tagged_at, merges.intersection(release.pull_requests))
        for release in found[1]
    }
    assert len(expected) == 165
    assert releases == expected


async def test_the_releases_arrive_with_the_pull_requests_of_the_reference(
    shared: Path,
    found: tuple[list[MergedPullRequest], list[TaggedRelease]],
    client: httpx.AsyncClient,
    organization: Organization,
    database: Database,
    record_deliveries: Callable[[int], Awaitable[None]],
) -> None:
    """Sent as `shipledger import git` sends them, releases first for once."""
    name = RepositoryName("github.com", "hub4j/github-api")
    merges = [each for each in found[0] if not each.squashed]
    for path, items in (
        ("releases", [release_item("github", name, each) for each in found[1]]),
        ("pull-requests", [pull_request_item("github", name, each) for each in merges]),
    ):
        for bulk in in_bulks(items):
            body = msgspec.json.encode({"items": bulk})
            answer = await client.post(f"/api/v1/{path}", content=body, headers=organization.headers)
            assert answer.status_code == 202, answer.text
    await record_deliveries(organization.organization_id)
    hasher = organization.hasher
    anchor = hasher.repository_by_name(name)
    reference = json.loads((shared / "history" / "github-api.json").read_text())["releases"]
    expected = {
        (hasher.release(anchor, known["tag"]), hasher.pull_request(anchor, number))
        for known in reference
        for number in known["pull_requests"]
    }
    merged = {hasher.pull_request(anchor, each.number) for each in merges}
    async with database.organization(organization.organization_id) as tenant:
        rows = await tenant.fetch(
            "SELECT release_id, pull_request_id FROM release_pull_request WHERE organization_id = $1"
        )
        releases = await tenant.fetchval("SELECT count(*) FROM release WHERE organization_id = $1")
    assert releases == len(reference) == 165
    assert {tuple(row) for row in rows if row["pull_request_id"] in merged} == expected
