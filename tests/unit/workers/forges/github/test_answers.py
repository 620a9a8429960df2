from datetime import UTC, datetime
from typing import Any

import pytest

from schema.kinds import PullRequestState
from workers.forge_events.model import ActivityKind
from workers.forge_events.reading import Envelope, IncompletePayloadError
from workers.forges.github.answers import read_pull_request, read_release_node, read_tag_node, repository_payload
from workers.outcomes.life_cycle import ReleaseState

HEAD, FIRST, MERGE = "a" * 40, "b" * 40, "c" * 40
ENVELOPE = Envelope("github.com", datetime(2026, 3, 9, tzinfo=UTC))
PEOPLE = {"login": "CANARY-login", "email": "CANARY@example.org"}
REPOSITORY = repository_payload(
    {
        "databaseId": 1,
        "nameWithOwner": "Octo/Shop",
        "url": "https://github.com/Octo/Shop",
        "updatedAt": "2026-03-01T00:00:00Z",
        "pushedAt": None,
        "defaultBranchRef": {"name": "main"},
    }
)


def node(**reported: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "state": "MERGED",
        "title": "CANARY-title",
        "body": "CANARY-body",
        "author": PEOPLE,
        "isDraft": False,
        "createdAt": "2026-03-02T10:00:00Z",
        "updatedAt": "2026-03-03T10:00:00Z",
        "closedAt": "2026-03-03T09:00:00Z",
        "mergedAt": "2026-03-03T09:00:00Z",
        "additions": 10,
        "deletions": 5,
        "changedFiles": 2,
        "headRefName": "fix",
        "headRefOid": HEAD,
        "baseRefName": "main",
        "headRepository": {"databaseId": 1, "nameWithOwner": "Octo/Shop", "url": "https://github.com/Octo/Shop"},
        "mergeCommit": {"oid": MERGE},
        "commits": {
            "nodes": [
                {"commit": {"oid": FIRST, "authoredDate": "2026-03-02T09:00:00+01:00"}},
                {"commit": {"oid": HEAD, "authoredDate": "2026-03-02T11:00:00Z"}},
            ]
        },
        "reviews": {
            "nodes": [
                {"fullDatabaseId": "9000000001", "submittedAt": "2026-03-02T12:00:00Z", "author": PEOPLE},
                {"fullDatabaseId": "9000000002", "submittedAt": None, "author": PEOPLE},
            ]
        },
        **reported,
    }


def test_a_pull_request_is_read_with_its_commits_and_submitted_reviews() -> None:
    facts = read_pull_request(node(), REPOSITORY, ENVELOPE)
    assert (facts.number, facts.state, facts.head_branch, facts.base_branch) == (
        7,
        PullRequestState.MERGED,
        "fix",
        "main",
    )
    assert (facts.repository.name.path, facts.repository.forge_id, facts.repository.default_branch) == (
        "octo/shop",
        1,
        "main",
    )
    assert facts.head_repository == facts.repository
    assert (facts.changed_lines, facts.changed_files) == (15, 2)
    assert facts.merged_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert set(facts.commits) == {HEAD, FIRST, MERGE}
    reported = [(each.kind, each.reference, each.occurred_at.hour) for each in facts.activity]
    assert reported == [
        (ActivityKind.COMMIT, FIRST, 8),
        (ActivityKind.COMMIT, HEAD, 11),
        (ActivityKind.REVIEW, "review/9000000001", 12),
    ]


def test_nothing_of_people_or_content_is_in_the_facts() -> None:
    assert "CANARY" not in repr(read_pull_request(node(), REPOSITORY, ENVELOPE))


def test_open_and_closed_ones_have_no_merge() -> None:
    reported = {"mergedAt": None, "mergeCommit": None}
    closed = read_pull_request(node(state="CLOSED", **reported), REPOSITORY, ENVELOPE)
    assert (closed.state, closed.merged_at, closed.closed_at is not None) == (PullRequestState.ABANDONED, None, True)
    still = read_pull_request(node(state="OPEN", closedAt=None, **reported), REPOSITORY, ENVELOPE)
    assert (still.state, still.merged_at, still.closed_at) == (PullRequestState.OPEN, None, None)
    assert MERGE not in still.commits


def test_a_deleted_fork_leaves_no_head_repository() -> None:
    assert read_pull_request(node(headRepository=None), REPOSITORY, ENVELOPE).head_repository is None
    fork = {"databaseId": 2, "nameWithOwner": "someone/shop", "url": "https://github.com/someone/shop"}
    reported = read_pull_request(node(headRepository=fork), REPOSITORY, ENVELOPE).head_repository
    assert reported is not None
    assert reported.forge_id == 2


def test_what_has_no_number_is_not_understood() -> None:
    with pytest.raises(IncompletePayloadError):
        read_pull_request(node(number=None), REPOSITORY, ENVELOPE)


def test_a_release_knows_the_commit_of_its_tag() -> None:
    reported = {"tagName": "v1", "isDraft": False, "isPrerelease": True, "createdAt": "2026-03-02T10:00:00Z"}
    facts = read_release_node({**reported, "tagCommit": {"oid": HEAD}, "name": "CANARY"}, REPOSITORY, ENVELOPE)
    assert (facts.tag, facts.state, facts.commit, facts.is_tag) == ("v1", ReleaseState.PRERELEASE, HEAD, False)
    assert read_release_node({**reported, "tagCommit": None}, REPOSITORY, ENVELOPE).commit is None


def test_an_annotated_tag_is_of_its_own_time_and_of_the_commit_behind_it() -> None:
    annotated = {"__typename": "Tag", "oid": FIRST, "tagger": {"date": "2026-03-05T10:00:00Z"}, "target": {"oid": HEAD}}
    facts = read_tag_node({"name": "v1", "target": annotated}, REPOSITORY, ENVELOPE)
    assert (facts.commit, facts.updated_at.day, facts.is_tag) == (HEAD, 5, True)
    signed_off = {**annotated, "target": {"__typename": "Tag", "oid": FIRST, "target": {"oid": HEAD}}}
    assert read_tag_node({"name": "v1", "target": signed_off}, REPOSITORY, ENVELOPE).commit == HEAD
    plain = {"__typename": "Commit", "oid": HEAD, "committedDate": "2026-03-04T10:00:00Z"}
    assert read_tag_node({"name": "v1", "target": plain}, REPOSITORY, ENVELOPE).updated_at.day == 4
    with pytest.raises(IncompletePayloadError):
        read_tag_node({"name": "v1", "target": {"__typename": "Tree", "oid": HEAD}}, REPOSITORY, ENVELOPE)
