from datetime import UTC, datetime
from typing import Any

import pytest

from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from tests.harness.webhooks import recorded
from vocabulary.reverts import NOTHING, Named, Reverted, digest_title
from workers.forge_events.model import (
    ActivityFacts,
    ActivityKind,
    GivenRepository,
    Ignored,
    InstallationFacts,
    InstallationRepositoriesFacts,
    NamingFacts,
    PullRequestFacts,
    PushFacts,
    QueueFacts,
    ReleaseFacts,
)
from workers.forge_events.parse import parse
from workers.forge_events.reading import Envelope
from workers.outcomes.life_cycle import ReleaseState

ENVELOPE = Envelope("github.com", datetime(2026, 3, 20, tzinfo=UTC))
PARCEL = RepositoryName("github.com", "octo-harbour/parcel")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+00:00")


def read(name: str, **changes: Any) -> Any:
    return parse("github", name.partition("__")[0], {**recorded("github", name), **changes}, ENVELOPE)


def test_an_opened_pull_request() -> None:
    facts = read("pull_request__opened")
    assert isinstance(facts, PullRequestFacts)
    assert (facts.repository.name, facts.repository.forge_id, facts.number) == (PARCEL, 910001, 7)
    assert facts.head_repository == facts.repository
    assert (facts.state, facts.draft, facts.head_branch, facts.base_branch) == (
        PullRequestState.OPEN,
        False,
        "CANARY-branch",
        "main",
    )
    assert (facts.opened_at, facts.merged_at, facts.closed_at) == (at("02 10:00"), None, None)
    assert (facts.changed_lines, facts.changed_files) == (50, 3)
    assert facts.activity == ()
    # The trial merge of an open pull request is nobody's commit.
    assert facts.commits == ("a1" * 20,)


def test_a_merged_pull_request_holds_its_merge_commit() -> None:
    facts = read("pull_request__merged")
    assert (facts.state, facts.merged_at, facts.closed_at) == (
        PullRequestState.MERGED,
        at("04 15:30"),
        at("04 15:30"),
    )
    assert facts.commits == ("a3" * 20, "c7" * 20)


def test_a_forced_push_keeps_the_replaced_head() -> None:
    facts = read("pull_request__synchronize_forced")
    assert facts.activity == (ActivityFacts(ActivityKind.PUSH, "a3" * 20, at("03 09:00:05")),)
    assert set(facts.commits) == {"a3" * 20, "a2" * 20}


def test_a_draft_is_open() -> None:
    facts = read("pull_request__draft")
    assert (facts.state, facts.draft) == (PullRequestState.OPEN, True)


def test_a_deleted_fork_and_account_leave_the_pull_request() -> None:
    facts = read("pull_request__closed_from_deleted_fork")
    assert (facts.state, facts.head_repository) == (PullRequestState.ABANDONED, None)
    assert facts.closed_at == at("05 08:00")


def test_a_fork_is_a_separate_repository() -> None:
    head = read("pull_request__from_fork").head_repository
    assert head is not None
    assert (head.forge_id, head.name) == (910099, RepositoryName("github.com", "canary-login-4/parcel"))


def test_a_review_is_work_on_its_pull_request() -> None:
    facts = read("pull_request_review__deleted_account")
    assert facts.activity == (ActivityFacts(ActivityKind.REVIEW, "review/950001", at("03 12:00")),)
    # What the short form leaves out stays unknown instead of being read as false.
    assert (facts.draft, facts.changed_lines) == (None, None)


def test_a_push_reports_only_commits_that_are_new_to_the_repository() -> None:
    payload = recorded("github", "push__first_commits")
    payload["commits"][0]["distinct"] = False
    facts = read("push__first_commits", commits=payload["commits"])
    assert isinstance(facts, PushFacts)
    assert [commit.sha for commit in facts.commits] == ["a1" * 20]
    assert (facts.branch, facts.pushed_at) == ("CANARY-branch", at("02 09:45"))


def test_a_push_without_its_own_time_is_as_old_as_its_newest_commit() -> None:
    repository = {**recorded("github", "push__first_commits")["repository"], "pushed_at": None}
    assert read("push__first_commits", repository=repository).pushed_at == at("02 09:40")


def test_a_deleted_branch_changes_nothing() -> None:
    assert isinstance(read("push__branch_deleted"), Ignored)


@pytest.mark.parametrize(
    ("name", "made"), [("merge_group__checks_requested", "04 15:20"), ("push__merge_queue", "04 15:20:01")]
)
def test_a_merge_queue_names_the_pull_request_that_it_made_a_commit_of(name: str, made: str) -> None:
    facts = read(name)
    assert isinstance(facts, QueueFacts)
    assert (facts.repository.name, facts.number, facts.commit, facts.made_at) == (PARCEL, 7, "c9" * 20, at(made))


def test_a_merge_group_of_another_shape_is_ignored() -> None:
    group = recorded("github", "merge_group__checks_requested")["merge_group"]
    assert isinstance(read("merge_group__checks_requested", merge_group={**group, "head_ref": "refs/heads/x"}), Ignored)
    assert isinstance(read("merge_group__checks_requested", merge_group={**group, "head_sha": None}), Ignored)


def test_payloads_contain_the_default_branch() -> None:
    assert read("pull_request__opened").repository.default_branch == "main"
    assert read("push__first_commits").repository.default_branch == "main"


def test_a_pushed_tag_is_a_release_without_a_description() -> None:
    facts = read("push__tag")
    assert isinstance(facts, ReleaseFacts)
    assert (facts.tag, facts.is_tag, facts.state) == ("v1.4.0", True, ReleaseState.TAG)
    assert (facts.commit, facts.released_at) == ("c7" * 20, at("05 09:59:40"))
    assert read("push__tag", after="0" * 40).state is ReleaseState.DELETED


def test_the_body_of_a_created_tag_deletes_none_under_another_event_name() -> None:
    """The name of an event is not signed."""
    repository = recorded("github", "push__tag")["repository"]
    created = {"ref": "v1.4.0", "ref_type": "tag", "master_branch": "main", "repository": repository}
    assert isinstance(parse("github", "create", created, ENVELOPE), ReleaseFacts)
    assert parse("github", "delete", created, ENVELOPE) == Ignored("The body belongs to another event.")


def test_releases_drafts_and_prereleases_are_distinguished() -> None:
    assert read("release__published").state is ReleaseState.PUBLISHED
    assert read("release__prerelease").state is ReleaseState.PRERELEASE
    draft = read("release__draft")
    assert (draft.state, draft.released_at) == (ReleaseState.DRAFT, at("06 10:00"))
    assert read("release__published", action="deleted").state is ReleaseState.DELETED
    assert read("release__published", action="unpublished").state is ReleaseState.DRAFT


def test_a_rename_and_a_transfer_report_the_former_name() -> None:
    renamed, transferred = read("repository__renamed"), read("repository__transferred")
    assert isinstance(renamed, NamingFacts)
    assert isinstance(transferred, NamingFacts)
    assert (renamed.repository.name.path, renamed.former) == ("octo-harbour/freight", (PARCEL,))
    assert transferred.repository.name.path == "octo-dock/freight"
    assert transferred.former == (renamed.repository.name,)
    assert transferred.repository.seen_at > renamed.repository.seen_at


def test_repositories_are_given_to_an_installation_and_taken_from_it() -> None:
    reported = {
        "installation": {"id": 5, "updated_at": 1525109899},
        "repositories_added": [{"id": 7, "full_name": "octo/shop"}, {"id": 8}, "x"],
        "repositories_removed": [{"id": 9, "full_name": "octo/site"}, {"full_name": "octo/none"}],
    }
    assert parse("github", "installation_repositories", reported, ENVELOPE) == InstallationRepositoriesFacts(
        5, (GivenRepository(7, "octo/shop"),), (9,), datetime(2018, 4, 30, 17, 38, 19, tzinfo=UTC)
    )
    nothing = {"installation": {"id": 5}, "repositories_added": [], "repositories_removed": None}
    assert parse("github", "installation_repositories", nothing, ENVELOPE) == Ignored(
        "The installation's repositories do not change."
    )
    assert parse("github", "installation_repositories", {}, ENVELOPE) == Ignored("The payload has no installation.")


def test_changed_permissions_leave_the_state_as_it_is() -> None:
    reported = {"action": "new_permissions_accepted", "installation": {"id": 5}}
    assert parse("github", "installation", reported, ENVELOPE) == InstallationFacts(5, None, ENVELOPE.received_at)


def test_a_renamed_account_and_a_deployment_are_ignored_with_the_reason() -> None:
    renamed = {"action": "renamed", "installation": {"id": 5}, "changes": {"login": {"from": "CANARY-before"}}}
    assert parse("github", "installation_target", renamed, ENVELOPE) == Ignored(
        "Nothing is stored about an account or its name."
    )
    for event in ("deployment", "deployment_status"):
        assert parse("github", event, {"deployment": {}}, ENVELOPE) == Ignored(
            "Deployments are not used; releases and tags say what ships."
        )


def test_an_installation_is_active_suspended_or_deleted() -> None:
    states = {
        action: parse("github", "installation", {"action": action, "installation": {"id": 5}}, ENVELOPE)
        for action in ("created", "suspend", "unsuspend", "deleted", "added")
    }
    assert states == {
        "created": InstallationFacts(5, "active", ENVELOPE.received_at),
        "suspend": InstallationFacts(5, "suspended", ENVELOPE.received_at),
        "unsuspend": InstallationFacts(5, "active", ENVELOPE.received_at),
        "deleted": InstallationFacts(5, "deleted", ENVELOPE.received_at),
        "added": Ignored("The installation does not change."),
    }


def test_a_ghes_repository_is_on_its_own_host() -> None:
    repository = {**recorded("github", "pull_request__opened")["repository"], "html_url": "https://Git.Example.com/o/p"}
    assert read("pull_request__opened", repository=repository).repository.name.host == "git.example.com"


def test_a_release_reports_its_target() -> None:
    facts = read("release__published")
    assert (facts.target_branch, facts.commit, facts.former_tag) == ("main", None, None)
    reported = recorded("github", "release__published")["release"]
    named = read("release__published", release={**reported, "target_commitish": "c7" * 20})
    assert (named.target_branch, named.commit) == (None, "c7" * 20)


def test_a_release_with_a_changed_tag_reports_the_former_tag() -> None:
    changes = {"tag_name": {"from": "v1.3.9"}, "body": {"from": "CANARY"}}
    facts = read("release__published", action="edited", changes=changes)
    assert (facts.tag, facts.former_tag) == ("v1.4.0", "v1.3.9")


def test_an_unpublished_release_is_a_draft_from_the_time_of_the_event() -> None:
    facts = read("release__published", action="unpublished")
    assert (facts.state, facts.updated_at) == (ReleaseState.DRAFT, ENVELOPE.received_at)


def test_the_reverted_change_is_read_from_the_text_of_a_pull_request() -> None:
    reported = recorded("github", "pull_request__merged")["pull_request"]
    assert read("pull_request__merged").reverts == NOTHING
    words = {"title": 'Revert "CANARY"', "body": "Reverts octo-harbour/parcel#3\n\nCANARY"}
    facts = read("pull_request__merged", pull_request={**reported, **words})
    assert facts.reverts == Reverted((Named(3, "octo-harbour/parcel"),))
    assert facts.title == digest_title('Revert "CANARY"') != read("pull_request__merged").title
    wordless = read("pull_request__merged", pull_request={**reported, "title": None, "body": None})
    assert (wordless.title, wordless.reverts) == (None, NOTHING)


def test_the_reverted_change_is_read_from_the_message_of_a_pushed_commit() -> None:
    first, second = recorded("github", "push__first_commits")["commits"]
    message = f'Revert "CANARY"\n\nThis reverts commit {"b7" * 20}.'
    facts = read("push__first_commits", commits=[first, {**second, "message": message}])
    assert [commit.reverts for commit in facts.commits] == [NOTHING, Reverted(commits=("b7" * 20,))]
