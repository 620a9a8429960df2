"""Pull requests out of deliveries: late, twice, out of order, forced, from forks, on branches used again."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from schema.database import Database
from schema.identifiers import RepositoryName
from tests.harness.organization import Organization
from tests.harness.webhooks import Forge, recorded

Table = Callable[[str], Awaitable[list[asyncpg.Record]]]
Drain = Callable[[], Awaitable[None]]

COMMITS = {"commit", "pushed_commit"}

LIFE = (
    "push__first_commits",
    "pull_request__opened",
    "push__later_commit",
    "pull_request__synchronize_forced",
    "push__forced",
    "pull_request_review__deleted_account",
    "pull_request__merged",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+00:00")


def pull_request(name: str = "pull_request__opened", **changes: Any) -> dict[str, Any]:
    """A recorded payload with parts of its pull request changed."""
    payload = recorded("github", name)
    payload["pull_request"].update(changes)
    payload["number"] = payload["pull_request"]["number"]
    return payload


async def picture(table: Table) -> dict[str, Any]:
    """What is known of the only pull request."""
    [row] = await table("pull_request")
    activity = {(each["kind"], each["reference"], each["occurred_at"]) for each in await table("activity")}
    commits = {each["alias"] for each in await table("artifact_alias") if each["kind"] in COMMITS}
    return {"row": dict(row), "activity": activity, "commits": commits}


async def test_a_life_from_first_push_to_merge(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    await github.deliver(*LIFE)
    await drain()
    known, hasher = await picture(table), organization.hasher
    anchor = hasher.repository_by_id("github.com", 910001)
    row = known["row"]
    assert row["artifact_id"] == hasher.pull_request(anchor, 7)
    assert (row["repository_id"], row["head_repository_id"], row["number"]) == (anchor, anchor, hasher.number(7))
    assert (row["head_branch"], row["base_branch"]) == (hasher.branch("CANARY-branch"), hasher.branch("main"))
    assert (row["state"], row["opened_at"], row["merged_at"]) == ("merged", at("02 10:00"), at("04 15:30"))
    assert (row["changed_lines"], row["changed_files"], row["label"]) == (50, 3, None)
    # Commits before the opening, replaced by force, and the merge itself: all of them belong to it.
    shas = ("a0", "a1", "a2", "a3", "c7")
    assert known["commits"] == {hasher.commit(sha * 20) for sha in shas}
    work = sorted((occurred_at, kind) for kind, _, occurred_at in known["activity"])
    assert work == [
        (at("02 08:10"), "commit"),
        (at("02 09:40"), "commit"),
        (at("02 10:00"), "open"),
        (at("02 16:20"), "commit"),
        (at("02 16:21"), "push"),
        (at("03 09:00"), "commit"),
        (at("03 09:00:04"), "push"),
        (at("03 12:00"), "review"),
        (at("04 15:30"), "merge"),
    ]


@pytest.mark.parametrize("order", [tuple(reversed(LIFE)), (*LIFE[3:], *LIFE[:3]), tuple(sorted(LIFE))])
async def test_the_order_of_deliveries_does_not_matter(
    github: Forge, table: Table, drain: Drain, organization: Organization, order: tuple[str, ...]
) -> None:
    for name in order:
        await github.deliver(name)
        await drain()
    known, hasher = await picture(table), organization.hasher
    assert known["row"]["state"] == "merged"
    assert known["row"]["merged_at"] == at("04 15:30")
    assert known["row"]["forge_updated_at"] == at("04 15:30:01")
    assert known["commits"] == {hasher.commit(sha * 20) for sha in ("a0", "a1", "a2", "a3", "c7")}
    assert {kind for kind, *_ in known["activity"]} == {"commit", "open", "push", "review", "merge"}
    assert sum(kind == "commit" for kind, *_ in known["activity"]) == 4


async def test_an_older_payload_adds_its_activity_but_not_its_state(github: Forge, table: Table, drain: Drain) -> None:
    await github.deliver("pull_request__merged", "pull_request_review__deleted_account")
    await drain()
    known = await picture(table)
    assert (known["row"]["state"], known["row"]["changed_lines"]) == ("merged", 50)
    assert at("03 12:00") in {occurred_at for _, _, occurred_at in known["activity"]}


async def test_a_reopened_pull_request_is_open_again(github: Forge, table: Table, drain: Drain) -> None:
    closed = {"state": "closed", "closed_at": "2026-03-03T10:00:00Z", "updated_at": "2026-03-03T10:00:00Z"}
    await github.deliver_payload("pull_request", {**pull_request(**closed), "action": "closed"})
    await drain()
    [row] = await table("pull_request")
    assert (row["state"], row["closed_at"], row["merged_at"]) == ("abandoned", at("03 10:00"), None)
    reopened = {**pull_request(updated_at="2026-03-04T10:00:00Z"), "action": "reopened"}
    await github.deliver_payload("pull_request", reopened)
    await drain()
    [row] = await table("pull_request")
    assert (row["state"], row["closed_at"]) == ("open", None)
    # The word that it was closed comes once more, late.
    await github.deliver_payload("pull_request", {**pull_request(**closed), "action": "closed"})
    await drain()
    assert [row["state"] for row in await table("pull_request")] == ["open"]


async def test_drafts_forks_and_deleted_accounts(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    await github.deliver("pull_request__draft", "pull_request__from_fork", "pull_request__closed_from_deleted_fork")
    await drain()
    hasher = organization.hasher
    by_number = {row["number"]: row for row in await table("pull_request")}
    draft, fork, deleted = (by_number[hasher.number(number)] for number in (8, 10, 9))
    assert (draft["draft"], draft["state"]) == (True, "open")
    assert fork["head_repository_id"] == hasher.repository_by_id("github.com", 910099)
    assert fork["repository_id"] == draft["repository_id"] == hasher.repository_by_id("github.com", 910001)
    assert (deleted["head_repository_id"], deleted["state"]) == (None, "abandoned")
    # A review's shorter form leaves out that it is a draft, which does not make it ready.
    review = recorded("github", "pull_request_review__deleted_account")
    review["pull_request"]["number"] = 8
    await github.deliver_payload("pull_request_review", review)
    await drain()
    drafts = [row for row in await table("pull_request") if row["draft"]]
    assert [row["forge_updated_at"] for row in drafts] == [at("03 12:00")]


async def test_a_branch_used_again_keeps_each_pull_requests_commits_apart(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    await github.deliver("push__first_commits", "pull_request__opened", "pull_request__merged")
    again = recorded("github", "push__later_commit")
    again["after"] = again["commits"][0]["id"] = "e5" * 20
    again["commits"][0]["timestamp"] = "2026-03-06T09:00:00Z"
    again["repository"]["pushed_at"] = "2026-03-06T09:05:00Z"
    await github.deliver_payload("push", again)
    opened = "2026-03-06T10:00:00Z"
    second = pull_request(number=11, created_at=opened, updated_at=opened)
    second["pull_request"]["head"]["sha"] = "e5" * 20
    await github.deliver_payload("pull_request", second)
    await drain()
    hasher = organization.hasher
    anchor = hasher.repository_by_id("github.com", 910001)
    commits = {}
    for number in (7, 11):
        artifact_id = hasher.pull_request(anchor, number)
        aliases = await table("artifact_alias")
        commits[number] = {
            row["alias"] for row in aliases if row["kind"] in COMMITS and row["artifact_id"] == artifact_id
        }
    assert commits[7] == {hasher.commit(sha * 20) for sha in ("a0", "a1", "a3", "c7")}
    assert commits[11] == {hasher.commit("e5" * 20)}


async def test_commits_long_before_a_pull_request_are_not_its_work(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    old = recorded("github", "push__first_commits")
    old["repository"]["pushed_at"] = "2026-01-15T09:45:00Z"
    await github.deliver_payload("push", old)
    await github.deliver("pull_request__opened")
    await drain()
    assert (await picture(table))["commits"] == {organization.hasher.commit("a1" * 20)}
    assert len(await table("branch_commit")) == 2


async def test_a_gitlab_merge_request_lives_and_is_merged(
    gitlab: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    names = (
        "push__first_commits",
        "merge_request__opened",
        "merge_request__pushed_to",
        "note__on_merge_request",
        "merge_request__approved",
        "merge_request__merged",
        "push__branch_deleted",
        "merge_request__closed_from_deleted_fork",
    )
    await gitlab.deliver(*names)
    await drain()
    hasher = organization.hasher
    anchor = hasher.repository_by_id("gitlab.example.com", 410)
    by_id = {row["artifact_id"]: row for row in await table("pull_request")}
    merged, closed = (by_id[hasher.pull_request(anchor, number)] for number in (21, 22))
    assert (merged["state"], merged["merged_at"]) == ("merged", at("03 11:00"))
    assert (closed["state"], closed["closed_at"], closed["head_repository_id"]) == ("abandoned", at("04 11:00"), None)
    kinds = [
        (each["occurred_at"], each["kind"])
        for each in await table("activity ORDER BY occurred_at")
        if each["artifact_id"] == merged["artifact_id"]
    ]
    assert kinds == [
        (at("01 20:00"), "commit"),
        (at("02 07:30"), "commit"),
        (at("02 09:00"), "open"),
        (at("02 12:58"), "commit"),
        (at("02 13:00"), "push"),
        (at("02 15:00"), "review"),
        (at("03 10:00"), "review"),
        (at("03 11:00"), "merge"),
    ]


async def test_gitlabs_time_of_merge_is_corrected_when_the_merge_is_heard_late(
    gitlab: Forge, table: Table, drain: Drain
) -> None:
    await gitlab.deliver("merge_request__labelled_after_merge")
    await drain()
    assert [row["merged_at"] for row in await table("pull_request")] == [at("06 11:00")]
    await gitlab.deliver("merge_request__merged")
    await drain()
    assert [row["merged_at"] for row in await table("pull_request")] == [at("03 11:00")]
    merges = [row["occurred_at"] for row in await table("activity") if row["kind"] == "merge"]
    assert merges == [at("03 11:00")]


async def test_labels_are_kept_only_where_they_are_switched_on(
    github: Forge, gitlab: Forge, table: Table, drain: Drain, database: Database, organization: Organization
) -> None:
    await github.deliver("pull_request__opened", "release__published")
    await drain()
    for name in ("repository", "pull_request", "release"):
        assert [row["label"] for row in await table(name)] == [None]
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE organization SET show_labels = true WHERE organization_id = $1")
    await github.deliver("pull_request__merged", "release__published")
    await gitlab.deliver("merge_request__opened")
    await drain()
    labels = {row["label"] for row in await table("pull_request")}
    assert labels == {"octo-harbour/parcel#7", "harbour/tools/parcel#21"}


async def test_another_organizations_hashes_differ(
    client: Any, github: Forge, drain: Drain, database: Database, other_organization: Organization
) -> None:
    other = await Forge.connect(client, other_organization, "github")
    for forge in (github, other):
        await forge.deliver("pull_request__opened")
    await drain()
    async with database.operator() as connection:
        rows = await connection.fetch("SELECT organization_id, artifact_id, number, head_branch FROM pull_request")
    assert len(rows) == 2
    for mine, theirs in itertools.combinations(rows, 2):
        assert mine["organization_id"] != theirs["organization_id"]
        assert not {*mine.values()} & {*theirs.values()}


async def test_a_renamed_and_transferred_repository_stays_one(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    await github.deliver("pull_request__opened", "repository__renamed", "repository__transferred")
    merged = pull_request("pull_request__merged")
    for repository in (merged["repository"], *(merged["pull_request"][end]["repo"] for end in ("head", "base"))):
        repository.update(full_name="octo-dock/freight", html_url="https://github.com/octo-dock/freight")
    await github.deliver_payload("pull_request", merged)
    await drain()
    hasher = organization.hasher
    [repository] = await table("repository")
    assert [row["state"] for row in await table("pull_request")] == ["merged"]
    aliases = {row["alias"] for row in await table("artifact_alias") if row["kind"] == "repository"}
    paths = ("octo-harbour/parcel", "octo-harbour/freight", "octo-dock/freight")
    assert aliases == {hasher.repository_by_name(RepositoryName("github.com", path)) for path in paths}
    assert repository["named_at"] == at("12 12:00")


async def test_a_late_rename_does_not_replace_a_newer_name(
    github: Forge, table: Table, drain: Drain, database: Database, organization: Organization
) -> None:
    async with database.organization(organization.organization_id) as tenant:
        await tenant.execute("UPDATE organization SET show_labels = true WHERE organization_id = $1")
    for name in ("repository__transferred", "repository__renamed", "pull_request__opened"):
        await github.deliver(name)
        await drain()
    [repository] = await table("repository")
    assert repository["label"] == "github.com/octo-dock/freight"


async def test_a_former_name_given_to_a_new_repository_is_that_repositorys(
    github: Forge, table: Table, drain: Drain, organization: Organization
) -> None:
    await github.deliver("pull_request__opened", "repository__renamed")
    fresh = pull_request(updated_at="2026-03-15T10:00:00Z", created_at="2026-03-15T10:00:00Z")
    for repository in (fresh["repository"], *(fresh["pull_request"][end]["repo"] for end in ("head", "base"))):
        repository["id"] = 910555
    await github.deliver_payload("pull_request", fresh)
    await drain()
    hasher = organization.hasher
    by_name = {row["alias"]: row["artifact_id"] for row in await table("artifact_alias") if row["kind"] == "repository"}
    names = [
        hasher.repository_by_name(RepositoryName("github.com", f"octo-harbour/{name}"))
        for name in ("parcel", "freight")
    ]
    anchors = [hasher.repository_by_id("github.com", number) for number in (910555, 910001)]
    assert [by_name[name] for name in names] == anchors
    assert {row["repository_id"] for row in await table("pull_request")} == set(anchors)


async def test_gitlabs_renamed_project_is_found_by_both_names(
    gitlab: Forge, table: Table, drain: Drain, client: Any, organization: Organization
) -> None:
    # A system hook does not tell the host; it is the connection's.
    body = {"forge": "gitlab", "base_url": "https://gitlab.example.com"}
    made = (await client.post("/api/v1/connections", json=body, headers=organization.headers)).json()
    await gitlab.deliver("merge_request__opened")
    await Forge(client, "gitlab", made).deliver("project__renamed")
    await drain()
    assert len(await table("repository")) == 1
    hasher = organization.hasher
    aliases = {row["alias"] for row in await table("artifact_alias") if row["kind"] == "repository"}
    assert aliases == {
        hasher.repository_by_name(RepositoryName("gitlab.example.com", f"harbour/tools/{name}"))
        for name in ("parcel", "freight")
    }
