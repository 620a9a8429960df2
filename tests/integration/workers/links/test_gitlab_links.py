"""What becomes of commits and branches on GitLab, and where their tokens go. Pull request 0 is overhead."""

from tests.harness.bodies import (
    LAB,
    LAB_PROJECT,
    committed,
    gitlab_push,
    merge_request,
    pipeline,
    project,
    spent,
    telemetry,
)
from tests.harness.company import Company
from tests.harness.otlp import Body


def worked(hours: float, tokens: int, commit: str, session: str, branch: str | None = None) -> Body:
    """A session that spends tokens and commits half an hour later."""
    return telemetry(
        spent(hours, tokens, session, repository=LAB),
        committed(hours + 0.5, commit, session, repository=LAB, branch=branch),
    )


async def test_commits_of_a_merge_request_belong_to_it_after_squash_and_merge(laboratory: Company) -> None:
    await laboratory.receive_one_by_one(
        gitlab_push("fix", 9.5, "c1"),
        merge_request("open", 1, "fix", 10, "c1", opened=10),
        gitlab_push("fix", 11.5, "c2"),
        merge_request("update", 1, "fix", 11.6, "c2", opened=10, before="c1"),
        merge_request("merge", 1, "fix", 15, "c2", opened=10, merged="m", squashed="s"),
        gitlab_push("main", 15, "s", "m"),
        worked(9, 1, "c1", "a"),
        worked(11, 10, "c2", "b"),
        worked(14, 100, "s", "c"),
        worked(14, 1000, "m", "d"),
    )
    assert await laboratory.ledger() == {(1, "commit"): 1111}
    assert await laboratory.states() == {1: "merged"}


async def test_a_project_of_a_gitlab_under_a_path_has_the_names_of_all_its_remotes(laboratory: Company) -> None:
    address = "https://gitlab.com/lab/octo/shop"
    there = {
        **project(),
        "web_url": address,
        "git_http_url": f"{address}.git",
        "git_ssh_url": "git@git.example.org:octo/shop.git",
    }
    await laboratory.receive_one_by_one(
        telemetry(spent(9, 1, "a", repository=address, branch="fix")),
        merge_request("open", 1, "fix", 8, "c1", opened=8, of=there),
        telemetry(spent(10, 10, "b", repository="git@git.example.org:octo/shop.git", branch="fix")),
        telemetry(spent(11, 100, "c", repository=LAB, branch="fix")),
    )
    assert await laboratory.ledger() == {(1, "branch"): 111}


async def test_commits_replaced_by_a_forced_push_still_belong(laboratory: Company) -> None:
    await laboratory.receive(
        merge_request("open", 1, "fix", 10, "c1", opened=10),
        merge_request("update", 1, "fix", 12, "c3", opened=10, before="c2"),
        worked(9, 1, "c1", "a"),
        worked(10, 10, "c2", "b"),
        worked(11, 100, "c3", "c"),
    )
    await laboratory.drain()
    assert await laboratory.ledger() == {(1, "commit"): 111}


async def test_a_merge_train_names_its_merge_request(laboratory: Company) -> None:
    train = "refs/merge-requests/1/train"
    await laboratory.receive_one_by_one(
        worked(11, 1, "train", "a"),
        worked(12, 10, "pushed train", "b"),
        telemetry(spent(12, 100, "ci", repository=LAB, branch=train)),
        pipeline(1, 12, "train"),
        gitlab_push(train, 13, "pushed train"),
        merge_request("open", 1, "fix", 10, "c1", opened=10),
    )
    assert await laboratory.ledger() == {(1, "commit"): 11, (1, "artifact"): 100}


async def test_a_branch_that_merges_main_in_does_not_take_over_others_commits(laboratory: Company) -> None:
    # GitLab lists every commit that is new to the branch, also those that another branch had before.
    await laboratory.receive(
        merge_request("open", 1, "early", 5, "e1", opened=5),
        gitlab_push("fix", 9.5, "c1"),
        merge_request("open", 2, "fix", 10, "c1", opened=10),
        merge_request("merge", 2, "fix", 12, "c1", opened=10, merged="m"),
        gitlab_push("early", 14, "c1", "m", "merge of main"),
        merge_request("update", 1, "early", 14, "merge of main", opened=5, before="e1"),
        worked(9, 1, "c1", "a", branch="fix"),
    )
    await laboratory.drain()
    assert await laboratory.ledger() == {(2, "commit"): 1}


async def test_a_commit_of_stacked_merge_requests_belongs_to_the_one_that_introduced_it(laboratory: Company) -> None:
    await laboratory.receive(
        gitlab_push("bottom", 10, "c1"),
        gitlab_push("top", 11, "c1", "c2"),
        merge_request("open", 2, "top", 12, "c2", opened=12, base="bottom"),
        merge_request("open", 1, "bottom", 13, "c1", opened=13),
        worked(9, 1, "c1", "a"),
        worked(10, 10, "c2", "b"),
    )
    await laboratory.drain()
    assert await laboratory.ledger() == {(1, "commit"): 1, (2, "commit"): 10}


async def test_a_branch_name_used_again_belongs_to_the_merge_request_that_lived_then(laboratory: Company) -> None:
    await laboratory.receive_one_by_one(
        merge_request("open", 1, "fix", 11, "c1", opened=11),
        gitlab_push("fix", 40, "c2"),
        merge_request("open", 2, "fix", 41, "c2", opened=41),
        telemetry(*(spent(hour, hour, "s", repository=LAB, branch="fix") for hour in (9, 39, 45))),
        worked(39, 1000, "c2", "a"),
        merge_request("close", 1, "fix", 20, "c1", opened=11),
    )
    assert await laboratory.ledger() == {(1, "branch"): 9, (2, "branch"): 84, (2, "commit"): 1000}


async def test_a_merge_request_closed_and_reopened_keeps_its_evidence(laboratory: Company) -> None:
    await laboratory.receive_one_by_one(
        merge_request("open", 1, "fix", 10, "c1", opened=10),
        merge_request("close", 1, "fix", 20, "c1", opened=10),
        telemetry(spent(24, 1, repository=LAB, branch="fix")),
        merge_request("reopen", 1, "fix", 28, "c1", opened=10),
        merge_request("merge", 1, "fix", 40, "c1", opened=10, merged="m"),
    )
    assert await laboratory.ledger() == {(1, "branch"): 1}
    assert await laboratory.states() == {1: "merged"}


async def test_a_merge_request_whose_project_moved_stays_one(laboratory: Company) -> None:
    moved, old = project(1, "group/store"), LAB_PROJECT
    await laboratory.receive_one_by_one(
        merge_request("open", 1, "fix", 10, "c1", opened=10, of=old),
        gitlab_push("fix", 12, "c2", of=old),
        merge_request("update", 1, "fix", 30, "c3", opened=10, before="c2", of=moved),
        merge_request("merge", 1, "fix", 40, "c3", opened=10, of=moved, merged="m"),
        worked(11, 1, "c2", "a"),
        telemetry(spent(29, 10, "b", repository="https://gitlab.com/group/store", branch="fix")),
        telemetry(spent(29, 100, "c", repository=LAB, branch="fix")),
    )
    assert await laboratory.ledger() == {(1, "commit"): 1, (1, "branch"): 110}


async def test_unlisted_commits_of_a_large_push_follow_their_branch(laboratory: Company) -> None:
    commits = [f"c{number}" for number in range(25)]
    await laboratory.receive(
        gitlab_push("fix", 12, *commits),
        merge_request("open", 1, "fix", 13, "c24", opened=13),
        worked(9, 1, "c0", "a", branch="fix"),
        worked(10, 10, "c5", "b", branch="fix"),
    )
    await laboratory.drain()
    assert await laboratory.ledger() == {(1, "branch"): 1, (1, "commit"): 10}
