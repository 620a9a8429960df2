from datetime import UTC, datetime, timedelta

from schema.contracts.pull_request import CommitIn, PullRequestIn
from schema.contracts.release import ReleaseIn
from schema.identifiers import RepositoryName
from schema.kinds import PullRequestState
from vocabulary.reverts import Named
from workers.forge_events.imported import pull_request_facts, release_facts
from workers.forge_events.model import ActivityKind
from workers.outcomes.life_cycle import ReleaseState

NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)
FIRST, SECOND, MERGE = "a" * 40, "b" * 40, "c" * 40


def pull_request(**values: object) -> PullRequestIn:
    basis: dict[str, object] = {"repository": "Octo/Shop", "number": 7, "state": "open", "opened_at": NOW}
    return PullRequestIn(forge="github", **{**basis, **values})  # type: ignore[arg-type]


def release(**values: object) -> ReleaseIn:
    basis: dict[str, object] = {"repository": "Octo/Shop", "tag": "v1", "state": "published", "released_at": NOW}
    return ReleaseIn(forge="github", **{**basis, **values})  # type: ignore[arg-type]


def test_a_pull_request_is_true_when_it_last_changed_and_its_branch_is_in_its_repository() -> None:
    facts = pull_request_facts(pull_request(state="merged", merged_at=LATER, head_branch="one", repository_id=3))
    assert (facts.state, facts.updated_at) == (PullRequestState.MERGED, LATER)
    assert (facts.merged_at, facts.closed_at) == (LATER, LATER)
    assert facts.repository.name == RepositoryName("github.com", "octo/shop")
    assert facts.head_repository == facts.repository
    assert (facts.repository.forge_id, facts.repository.seen_at) == (3, LATER)


def test_without_a_branch_it_comes_from_no_known_repository() -> None:
    assert pull_request_facts(pull_request()).head_repository is None


def test_a_time_of_merge_means_nothing_before_it_is_merged() -> None:
    assert pull_request_facts(pull_request(merged_at=LATER)).merged_at is None


def test_commits_and_reviews_are_work_and_the_merge_commit_only_leads_to_it() -> None:
    commits = [CommitIn(sha=FIRST, authored_at=NOW), CommitIn(sha=SECOND, authored_at=LATER)]
    item = pull_request(state="merged", merged_at=LATER, commits=commits, merge_commit=MERGE, reviews=[LATER])
    facts = pull_request_facts(item)
    assert facts.commits == (FIRST, SECOND, MERGE)
    assert [(each.kind, each.occurred_at) for each in facts.activity] == [
        (ActivityKind.COMMIT, NOW),
        (ActivityKind.COMMIT, LATER),
        (ActivityKind.REVIEW, LATER),
    ]


def test_a_squash_is_one_commit_even_if_it_is_the_merge() -> None:
    item = pull_request(commits=[CommitIn(sha=FIRST, authored_at=NOW)], merge_commit=FIRST)
    assert pull_request_facts(item).commits == (FIRST,)


def test_reverts_and_code_owners_go_on() -> None:
    facts = pull_request_facts(pull_request(reverts=[3, 5], code_owners=["@org/web", "@org/api"]))
    assert facts.reverts.named == (Named(3), Named(5))
    assert facts.code_owners == ("@org/web", "@org/api")


def test_a_release_lists_what_it_ships_only_where_the_import_does() -> None:
    assert release_facts(release()).pull_requests is None
    assert release_facts(release(pull_requests=[])).pull_requests == ()
    facts = release_facts(release(pull_requests=[2, 1], branch="main", commit=FIRST))
    assert (facts.pull_requests, facts.target_branch, facts.commit) == ((2, 1), "main", FIRST)


def test_a_tag_was_set_when_it_was_released_whenever_it_changed() -> None:
    facts = release_facts(release(state="tag", updated_at=LATER))
    assert (facts.is_tag, facts.state) == (True, ReleaseState.TAG)
    assert (facts.updated_at, facts.tagged_at) == (LATER, NOW)
