import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from tests.harness.webhooks import recorded
from vocabulary.reverts import NOTHING, Named, Reverted, digest_title
from workers.forge_events.model import ActivityFacts, ActivityKind, Ignored, NamingFacts, PullRequestFacts, QueueFacts
from workers.forge_events.parse import parse
from workers.forge_events.reading import Envelope
from workers.outcomes.life_cycle import ReleaseState

ENVELOPE = Envelope("gitlab.example.com", datetime(2026, 3, 20, tzinfo=UTC))
PARCEL = RepositoryName("gitlab.example.com", "harbour/tools/parcel")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+00:00")


def read(name: str, **changes: Any) -> Any:
    return parse("gitlab", "System Hook", {**recorded("gitlab", name), **changes}, ENVELOPE)


def test_an_opened_merge_request() -> None:
    facts = read("merge_request__opened")
    assert isinstance(facts, PullRequestFacts)
    assert (facts.repository.name, facts.repository.forge_id, facts.number) == (PARCEL, 410, 21)
    assert (facts.state, facts.head_repository) == (PullRequestState.OPEN, facts.repository)
    assert facts.activity == (ActivityFacts(ActivityKind.COMMIT, "1a" * 20, at("02 07:30")),)


def test_an_update_with_a_former_revision_is_a_push() -> None:
    facts = read("merge_request__pushed_to")
    assert ActivityFacts(ActivityKind.PUSH, "1b" * 20, at("02 13:00")) in facts.activity
    assert set(facts.commits) == {"1a" * 20, "1b" * 20}


def test_an_approval_and_a_comment_are_reviews() -> None:
    for name, when in (("merge_request__approved", at("03 10:00")), ("note__on_merge_request", at("02 15:00"))):
        reviews = [each for each in read(name).activity if each.kind is ActivityKind.REVIEW]
        assert [each.occurred_at for each in reviews] == [when]


def test_comments_of_the_system_or_on_something_else_are_ignored() -> None:
    note = recorded("gitlab", "note__on_merge_request")["object_attributes"]
    assert isinstance(read("note__on_merge_request", object_attributes={**note, "system": True}), Ignored)
    assert isinstance(read("note__on_merge_request", object_attributes={**note, "noteable_type": "Issue"}), Ignored)


def test_the_merge_event_has_the_merge_time() -> None:
    facts = read("merge_request__merged")
    assert (facts.state, facts.merged_at, facts.closed_at) == (PullRequestState.MERGED, at("03 11:00"), at("03 11:00"))
    assert set(facts.commits) == {"1b" * 20, "1c" * 20, "1d" * 20}


def test_a_later_word_on_a_merged_one_does_not_pretend_to_know_when() -> None:
    facts = read("merge_request__labelled_after_merge")
    assert (facts.state, facts.merged_at, facts.closed_at) == (PullRequestState.MERGED, None, None)


def test_a_deleted_fork_leaves_the_merge_request() -> None:
    facts = read("merge_request__closed_from_deleted_fork")
    assert (facts.state, facts.head_repository, facts.closed_at) == (PullRequestState.ABANDONED, None, at("04 11:00"))


def test_a_push_is_as_old_as_its_newest_commit() -> None:
    facts = read("push__first_commits")
    assert (facts.pushed_at, facts.branch) == (at("02 07:30"), "CANARY-branch")
    assert [commit.sha for commit in facts.commits] == ["10" * 20, "1a" * 20]


def test_a_merge_train_names_the_merge_request_that_it_made_a_commit_of() -> None:
    facts = read("pipeline__merge_train")
    assert isinstance(facts, QueueFacts)
    assert (facts.repository.name, facts.number, facts.commit, facts.made_at) == (PARCEL, 21, "1e" * 20, at("03 10:40"))
    pushed = read("push__first_commits", ref="refs/merge-requests/21/train")
    assert isinstance(pushed, QueueFacts)
    assert (pushed.number, pushed.commit) == (21, "1a" * 20)


def test_a_pipeline_of_a_branch_is_ignored_and_so_is_a_push_to_no_branch() -> None:
    assert isinstance(read("pipeline__merge_train", merge_request=None), Ignored)
    assert isinstance(read("push__first_commits", ref="refs/keep-around/1"), Ignored)


def test_payloads_contain_the_default_branch() -> None:
    assert read("merge_request__opened").repository.default_branch == "main"


def test_tags_come_and_go() -> None:
    assert (read("tag_push__created").state, read("tag_push__deleted").state) == (
        ReleaseState.TAG,
        ReleaseState.DELETED,
    )
    assert read("tag_push__created").commit == "1c" * 20


def test_a_release_is_published_until_deleted() -> None:
    assert read("release__created").state is ReleaseState.PUBLISHED
    assert read("release__created", action="delete").state is ReleaseState.DELETED


def test_a_renamed_project_reports_its_former_path() -> None:
    facts = read("project__renamed")
    assert isinstance(facts, NamingFacts)
    assert (facts.repository.name.path, facts.former) == ("harbour/tools/freight", (PARCEL,))


@pytest.mark.shared
def test_a_payload_whose_keys_end_in_spaces_is_read(shared: Path) -> None:
    payload = json.loads((shared / "payloads/gitlab/group_merge_request.json").read_text())
    facts = parse("gitlab", "Merge Request Hook", payload, ENVELOPE)
    assert isinstance(facts, PullRequestFacts)
    assert (facts.state, facts.number, facts.repository.forge_id) == (PullRequestState.MERGED, 1402, 87)
    assert facts.merged_at == datetime(2016, 12, 1, 13, 21, 20, tzinfo=UTC)


def test_the_reverted_change_is_read_from_the_text_of_a_merge_request() -> None:
    reported = recorded("gitlab", "merge_request__merged")["object_attributes"]
    assert read("merge_request__merged").reverts == NOTHING
    words = {"title": 'Revert "CANARY"', "description": "CANARY\n\nThis reverts merge request !3"}
    facts = read("merge_request__merged", object_attributes={**reported, **words})
    assert facts.reverts == Reverted((Named(3),))
    assert facts.title == digest_title('Revert "CANARY"')


def test_the_reverted_change_is_read_from_the_message_of_a_pushed_commit() -> None:
    commits = recorded("gitlab", "push__first_commits")["commits"]
    message = f"CANARY\n\nThis reverts commit {'b7' * 20}"
    facts = read("push__first_commits", commits=[{**commits[0], "message": message}])
    assert [commit.reverts for commit in facts.commits] == [Reverted(commits=("b7" * 20,))]


def test_a_deployment_is_ignored_with_its_reason() -> None:
    facts = parse("gitlab", "Deployment Hook", {"object_kind": "deployment", "status": "success"}, ENVELOPE)
    assert facts == Ignored("Deployments are not used; releases and tags say what ships.")
