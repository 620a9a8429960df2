"""Reverts, fixes, pushes and review rounds out of deliveries, in any order; what titles and bodies say is forgotten."""

import itertools
import random
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
Reverted = Callable[[], Awaitable[dict[int, int | None]]]

TITLE = "CANARY-title that nobody may read"


def at(day: int, hour: int = 10) -> str:
    return f"2026-03-{day:02d}T{hour:02d}:00:00Z"


def sha(number: int) -> str:
    return f"{number:040x}"


def github_merged(number: int, day: int, **changes: Any) -> Delivery:
    """Merged then into main; its merge commit is named by its number."""
    payload = recorded("github", "pull_request__merged")
    reported = payload["pull_request"]
    reported.update(number=number, created_at=at(day, 8), merged_at=at(day), closed_at=at(day), updated_at=at(day))
    reported.update(
        {"merge_commit_sha": sha(number), "title": f"CANARY-title {number}", "body": "CANARY-body", **changes}
    )
    reported["head"].update(ref=f"CANARY-branch-{number}", sha=sha(1000 + number))
    return "pull_request", {**payload, "number": number}


def github_pushed(branch: str, day: int, commit: str, message: str) -> Delivery:
    payload = recorded("github", "push__first_commits")
    payload.update(ref=f"refs/heads/{branch}", after=commit, created=False)
    payload["commits"] = [{**payload["commits"][0], "id": commit, "timestamp": at(day), "message": message}]
    payload["head_commit"] = payload["commits"][0]
    payload["repository"]["pushed_at"] = int(datetime.fromisoformat(at(day)).timestamp())
    return "push", payload


def gitlab_merged(number: int, day: int, **changes: Any) -> Delivery:
    payload = recorded("gitlab", "merge_request__merged")
    reported = payload["object_attributes"]
    reported.update(iid=number, created_at=at(day, 8), updated_at=at(day), source_branch=f"CANARY-branch-{number}")
    reported.update(merge_commit_sha=sha(number), squash_commit_sha=None, **changes)
    reported["last_commit"]["id"] = sha(1000 + number)
    return "merge_request", payload


def gitlab_pushed(branch: str, day: int, commit: str, message: str) -> Delivery:
    payload = recorded("gitlab", "push__first_commits")
    payload.update(ref=f"refs/heads/{branch}", after=commit)
    payload["commits"] = [{**payload["commits"][0], "id": commit, "timestamp": at(day), "message": message}]
    return "push", payload


@pytest.fixture
def reverted(table: Table, organization: Organization) -> Reverted:
    """The pull requests that were taken back, by number, and the number of what did so."""
    hasher = organization.hasher
    anchors = [
        hasher.repository_by_id("github.com", 910001),
        hasher.repository_by_id("gitlab.example.com", 410),
    ]
    numbers = {hasher.pull_request(anchor, number): number for anchor in anchors for number in range(1, 40)}

    async def read() -> dict[int, int | None]:
        rows = [row for row in await table("outcome") if row["reverted_at"] is not None]
        return {numbers[row["artifact_id"]]: numbers.get(row["reverted_by"] or b"") for row in rows}

    return read


async def deliver(forge: Forge, drain: Drain, *deliveries: Delivery, one_by_one: bool = True) -> None:
    for event, payload in deliveries:
        await forge.deliver_payload(event, payload)
        if one_by_one:
            await drain()
    await drain()


BY_BODY = (
    github_merged(1, 2),
    github_merged(2, 3, title='Revert "CANARY-title 1"', body="Reverts octo-harbour/parcel#1\n\nCANARY-body"),
)
BY_TITLE = (
    github_merged(1, 2, title=TITLE),
    github_merged(2, 3, title=f'Revert "{TITLE}"', body="CANARY-body: it broke"),
)
BY_COMMIT = (
    github_merged(1, 2),
    github_pushed("CANARY-branch-2", 3, sha(77), f'Revert "CANARY"\n\nThis reverts commit {sha(1)}.'),
    github_merged(2, 4, created_at=at(3, 12)),
)
BY_PUSH = (
    github_merged(1, 2),
    github_pushed("main", 3, sha(77), f'Revert "CANARY"\n\nThis reverts commit {sha(1)}.'),
)
ABBREVIATED = "ab" * 20
BY_FIRST_DIGITS = (
    github_merged(1, 2, merge_commit_sha=ABBREVIATED),
    github_pushed("main", 3, sha(77), f"CANARY\n\nThis reverts commit {ABBREVIATED[:9]} (CANARY, 2026-03-02)."),
)
BY_AMBIGUOUS_DIGITS = (
    github_merged(1, 2),
    github_merged(2, 3),
    github_pushed("main", 4, sha(77), f"CANARY\n\nThis reverts commit {sha(1)[:7]}."),
)
BY_BRANCH_NAME = (
    github_merged(1, 2),
    github_merged(2, 3, title="CANARY: take it back", body=None),
)
BY_BRANCH_NAME[1][1]["pull_request"]["head"]["ref"] = "revert-1-CANARY-branch-1"

STORIES = {
    "body": (BY_BODY, {1: 2}),
    "title": (BY_TITLE, {1: 2}),
    "commit": (BY_COMMIT, {1: 2}),
    "push": (BY_PUSH, {1: None}),
    "first digits": (BY_FIRST_DIGITS, {1: None}),
    "ambiguous digits": (BY_AMBIGUOUS_DIGITS, {}),
    "branch": (BY_BRANCH_NAME, {1: 2}),
}


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("one_by_one", [True, False])
async def test_every_form_of_a_revert_on_github_in_every_order(
    github: Forge, drain: Drain, reverted: Reverted, table: Table, name: str, one_by_one: bool
) -> None:
    story, expected = STORIES[name]
    for backwards in (False, True):
        await deliver(github, drain, *(reversed(story) if backwards else story), one_by_one=one_by_one)
        assert await reverted() == expected
    outcomes = await table("outcome")
    assert len(outcomes) == sum(event == "pull_request" for event, _ in story)


@pytest.mark.parametrize("name", STORIES)
async def test_a_revert_reported_before_the_reverted_change(
    github: Forge, drain: Drain, reverted: Reverted, name: str
) -> None:
    story, expected = STORIES[name]
    await deliver(github, drain, *reversed(story))
    assert await reverted() == expected


GITLAB = {
    "merge request": (
        gitlab_merged(1, 2),
        gitlab_merged(2, 3, title='Revert "CANARY"', description="CANARY\n\nThis reverts merge request !1"),
    ),
    "with its project": (
        gitlab_merged(1, 2),
        gitlab_merged(2, 3, description="This reverts merge request harbour/tools/parcel!1"),
    ),
    "commit": (
        gitlab_merged(1, 2),
        gitlab_pushed("CANARY-branch-2", 3, sha(77), f"CANARY\n\nThis reverts commit {sha(1)}"),
        gitlab_merged(2, 4, created_at=at(3, 12)),
    ),
}


@pytest.mark.parametrize("name", GITLAB)
@pytest.mark.parametrize("backwards", [True, False])
async def test_every_form_of_a_revert_on_gitlab_in_every_order(
    gitlab: Forge, drain: Drain, reverted: Reverted, name: str, backwards: bool
) -> None:
    await deliver(gitlab, drain, *(GITLAB[name][::-1] if backwards else GITLAB[name]))
    assert await reverted() == {1: 2}


async def test_a_revert_of_another_repository_changes_nothing_here(
    github: Forge, drain: Drain, reverted: Reverted
) -> None:
    await deliver(github, drain, github_merged(1, 2), github_merged(2, 3, body="Reverts octo-harbour/other#1"))
    assert await reverted() == {}


async def test_an_open_revert_waits_and_an_abandoned_one_does_not_count(
    github: Forge, drain: Drain, reverted: Reverted
) -> None:
    event, payload = github_merged(2, 3, body="Reverts #1")
    open_now = {"state": "open", "merged": False, "merged_at": None, "closed_at": None, "updated_at": at(3, 9)}
    opened = {**payload, "action": "opened", "pull_request": {**payload["pull_request"], **open_now}}
    await deliver(github, drain, github_merged(1, 2), (event, opened))
    assert await reverted() == {}
    closed = {**open_now, "state": "closed", "closed_at": at(3, 10), "updated_at": at(3, 10)}
    await deliver(github, drain, (event, {**payload, "pull_request": {**payload["pull_request"], **closed}}))
    assert await reverted() == {}
    later = {"updated_at": at(3, 11), "merged_at": at(3, 11), "closed_at": at(3, 11)}
    await deliver(github, drain, (event, {**payload, "pull_request": {**payload["pull_request"], **later}}))
    assert await reverted() == {1: 2}


AGAIN = (
    *BY_BODY,
    github_merged(3, 4, title='Revert "Revert "CANARY-title 1""', body="Reverts octo-harbour/parcel#2"),
)


@pytest.mark.parametrize("story", list(itertools.permutations(AGAIN)))
async def test_a_reapplied_change_is_not_reverted(
    github: Forge, drain: Drain, reverted: Reverted, story: tuple[Delivery, ...]
) -> None:
    await deliver(github, drain, *story)
    assert await reverted() == {2: 3}


async def test_a_commit_undone_on_its_own_branch_is_no_revert(github: Forge, drain: Drain, reverted: Reverted) -> None:
    story = (
        github_pushed("CANARY-branch-1", 2, sha(70), "CANARY"),
        github_pushed("CANARY-branch-1", 3, sha(71), f"CANARY\n\nThis reverts commit {sha(70)}."),
        github_merged(1, 4, created_at=at(2, 12)),
    )
    await deliver(github, drain, *story)
    assert await reverted() == {}


def released(tag: str, day: int, **changes: Any) -> Delivery:
    payload = recorded("github", "release__published")
    payload["action"] = changes.pop("action", "published")
    payload["release"].update(tag_name=tag, published_at=at(day), created_at=at(day), **changes)
    return "release", payload


FIXED = (
    github_merged(1, 2),
    released("v1.2.0", 3),
    github_merged(2, 4),
    released("v1.2.1", 17),
    released("v1.3.0", 18),
)


@pytest.mark.parametrize("seed", range(4))
async def test_a_patch_within_fourteen_days_marks_what_it_followed(
    github: Forge, drain: Drain, table: Table, organization: Organization, seed: int
) -> None:
    await deliver(github, drain, *random.Random(seed).sample(FIXED, len(FIXED)))
    anchor = organization.hasher.repository_by_id("github.com", 910001)
    by_id = {row["artifact_id"]: row["fix_released_at"] for row in await table("outcome")}
    assert by_id[organization.hasher.pull_request(anchor, 1)] == datetime.fromisoformat(at(17))
    assert by_id[organization.hasher.pull_request(anchor, 2)] is None
    await deliver(github, drain, released("v1.2.1", 17, action="deleted"))
    assert {row["fix_released_at"] for row in await table("outcome")} == {None}


def reviewed(number: int, day: int, hour: int, review: int) -> Delivery:
    payload = recorded("github", "pull_request_review__deleted_account")
    payload["review"].update(id=review, submitted_at=at(day, hour))
    payload["pull_request"].update(number=number, created_at=at(2, 8), updated_at=at(day, hour))
    return "pull_request_review", payload


def synchronized(number: int, day: int, hour: int, commit: int) -> Delivery:
    event, payload = github_merged(number, 2)
    reported = {"state": "open", "merged": False, "merged_at": None, "closed_at": None, "updated_at": at(day, hour)}
    changed = {**payload["pull_request"], **reported}
    return event, {**payload, "action": "synchronize", "after": sha(commit), "pull_request": changed}


WORK = (
    reviewed(1, 3, 8, 1),
    reviewed(1, 3, 9, 2),
    synchronized(1, 3, 12, 61),
    synchronized(1, 3, 13, 62),
    reviewed(1, 3, 14, 3),
    synchronized(1, 3, 15, 63),
    reviewed(1, 4, 9, 4),
    github_merged(1, 4, created_at=at(2, 8), additions=30, deletions=12, changed_files=4),
    reviewed(1, 5, 9, 5),
)


@pytest.mark.parametrize("seed", range(4))
async def test_pushes_and_review_rounds_between_opening_and_merge_are_counted(
    github: Forge, drain: Drain, organization: Organization, seed: int
) -> None:
    await deliver(github, drain, *random.Random(seed).sample(WORK, len(WORK)))
    query = {"repository": "github.com/octo-harbour/parcel", "number": 1}
    answer = await github.client.get("/api/v1/attributions", params=query, headers=organization.headers)
    (item,) = answer.json()["items"]
    assert item["outcomes"] == {
        "reverted_at": None,
        "reverted_by": None,
        "fix_released_at": None,
        "pushes_after_opening": 3,
        "review_rounds": 3,
        "changed_lines": 42,
        "changed_files": 4,
    }


async def test_a_pull_request_shows_what_took_it_back(github: Forge, drain: Drain, organization: Organization) -> None:
    await deliver(github, drain, *BY_BODY)
    found = []
    for number in (1, 2):
        query = {"repository": "github.com/octo-harbour/parcel", "number": number}
        answer = await github.client.get("/api/v1/attributions", params=query, headers=organization.headers)
        found += answer.json()["items"]
    assert found[0]["outcomes"]["reverted_by"] == found[1]["artifact_id"]
    assert found[0]["outcomes"]["reverted_at"] == at(3)
    assert found[1]["outcomes"]["reverted_at"] is None


async def test_titles_and_messages_are_never_stored_readably(github: Forge, drain: Drain, table: Table) -> None:
    await deliver(github, drain, *BY_TITLE, *BY_PUSH[1:])
    titles, said = await table("pull_request_title"), await table("revert")
    assert len(titles) == 2
    assert {row["target_kind"] for row in said} == {"title", "commit"}
    for row in (*titles, *said):
        assert all(len(value) in {0, 32} for value in row.values() if isinstance(value, bytes))
