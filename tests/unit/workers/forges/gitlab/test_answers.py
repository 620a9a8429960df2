from datetime import UTC, datetime
from typing import Any

import pytest

from schema.kinds import PullRequestState
from workers.forge_events.model import ActivityKind
from workers.forge_events.reading import Envelope, IncompletePayloadError
from workers.forges.gitlab.answers import COMMITS, NOTES, read_merge_request, read_release_node, read_tag_node

HEAD, FIRST, MERGE, SQUASH = "a" * 40, "b" * 40, "c" * 40, "d" * 40
ENVELOPE = Envelope("gitlab.com", datetime(2026, 3, 9, tzinfo=UTC))
PROJECT = {
    "id": 1,
    "path_with_namespace": "octo/shop",
    "web_url": "https://gitlab.com/octo/shop",
    "default_branch": "main",
}
PEOPLE = {"username": "CANARY-login", "name": "CANARY-name"}


def node(**reported: Any) -> dict[str, Any]:
    return {
        "iid": 7,
        "state": "merged",
        "title": "CANARY-title",
        "description": "CANARY-body",
        "author": PEOPLE,
        "draft": False,
        "created_at": "2026-03-02T10:00:00.123Z",
        "updated_at": "2026-03-03T10:00:00.000Z",
        "merged_at": "2026-03-03T09:00:00.000Z",
        "closed_at": None,
        "source_branch": "fix",
        "target_branch": "main",
        "source_project_id": 1,
        "target_project_id": 1,
        "sha": HEAD,
        "merge_commit_sha": MERGE,
        "squash_commit_sha": SQUASH,
        COMMITS: [{"id": HEAD, "authored_date": "2026-03-02T11:00:00.000+00:00", "author_email": "CANARY@example.org"}],
        NOTES: [
            {"id": 5, "created_at": "2026-03-02T12:00:00Z", "system": False, "body": "CANARY", "author": PEOPLE},
            {"id": 6, "created_at": "2026-03-02T13:00:00Z", "system": True, "body": "CANARY", "author": PEOPLE},
        ],
        **reported,
    }


def test_a_merge_request_is_read_with_its_commits_and_what_people_said() -> None:
    facts = read_merge_request(node(), PROJECT, ENVELOPE)
    assert (facts.number, facts.state, facts.head_branch) == (7, PullRequestState.MERGED, "fix")
    assert facts.head_repository == facts.repository
    assert facts.merged_at == facts.closed_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert set(facts.commits) == {HEAD, MERGE, SQUASH}
    assert [(each.kind, each.reference) for each in facts.activity] == [
        (ActivityKind.COMMIT, HEAD),
        (ActivityKind.REVIEW, "note/5"),
    ]
    assert "CANARY" not in repr(facts)


def test_an_open_one_has_no_end_and_one_from_a_fork_another_head() -> None:
    fork = {**PROJECT, "id": 2, "path_with_namespace": "someone/shop"}
    reported = node(state="opened", merged_at=None, source_project_id=2, source=fork)
    facts = read_merge_request(reported, PROJECT, ENVELOPE)
    assert (facts.state, facts.merged_at, facts.closed_at) == (PullRequestState.OPEN, None, None)
    assert facts.head_repository is not None
    assert facts.head_repository.forge_id == 2
    assert read_merge_request({**reported, "source": None}, PROJECT, ENVELOPE).head_repository is None


def test_what_has_no_number_is_not_understood() -> None:
    with pytest.raises(IncompletePayloadError):
        read_merge_request(node(iid=None), PROJECT, ENVELOPE)


def test_releases_and_tags_know_their_commits() -> None:
    at = "2026-03-02T10:00:00Z"
    release = read_release_node(
        {"tag_name": "v1", "created_at": at, "released_at": at, "commit": {"id": HEAD}}, PROJECT, ENVELOPE
    )
    assert (release.tag, release.commit, release.is_tag) == ("v1", HEAD, False)
    tag = read_tag_node(
        {"name": "v1", "created_at": None, "commit": {"id": HEAD, "committed_date": at}}, PROJECT, ENVELOPE
    )
    assert (tag.tag, tag.commit, tag.is_tag, tag.updated_at) == ("v1", HEAD, True, release.updated_at)
