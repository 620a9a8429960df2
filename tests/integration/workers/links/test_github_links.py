"""What becomes of commits and branches on GitHub, and where their tokens go. Pull request 0 is overhead."""

import pytest

from tests.harness.bodies import (
    FORK_REPOSITORY,
    Delivery,
    committed,
    merge_group,
    pull_request,
    push,
    queue_branch,
    repository,
    seen_on,
    sha,
    spent,
    telemetry,
)
from tests.harness.company import Company
from tests.harness.otlp import Body


async def test_a_branch_name_used_again_belongs_to_the_pull_request_that_lived_then(company: Company) -> None:
    reported: list[Delivery | Body] = [
        push("fix", 10, "c1"),
        pull_request("opened", 1, "fix", 11, "c1", opened=11),
        pull_request("closed", 1, "fix", 20, "c1", opened=11, merged="m1"),
        push("fix", 40, "c2"),
        pull_request("opened", 2, "fix", 41, "c2", opened=41),
        telemetry(spent(9, 1, branch="fix"), spent(39, 10, branch="fix"), spent(45, 100, branch="fix")),
        telemetry(spent(8, 1000, "t"), committed(9, "c1", "t"), spent(38, 10_000, "t"), committed(39, "c2", "t")),
    ]
    await company.receive_one_by_one(*reported)
    expected = {(1, "branch"): 1, (2, "branch"): 110, (1, "commit"): 1000, (2, "commit"): 10_000}
    assert await company.ledger() == expected


async def test_a_reused_branch_is_divided_when_its_first_end_arrives_last(company: Company) -> None:
    await company.receive_one_by_one(
        push("fix", 10, "c1"),
        push("fix", 40, "c2"),
        pull_request("opened", 2, "fix", 41, "c2", opened=41),
        telemetry(spent(9, 1), committed(9.5, "c1"), spent(39, 10), committed(39.5, "c2")),
        pull_request("opened", 1, "fix", 11, "c1", opened=11),
        pull_request("closed", 1, "fix", 20, "c1", opened=11),
    )
    assert await company.ledger() == {(1, "commit"): 1, (2, "commit"): 10}
    work = await company.fetch("SELECT artifact_id, reference FROM activity WHERE organization_id = $1")
    commits = {commit: company.organization.hasher.commit(sha(commit)) for commit in ("c1", "c2")}
    held = {(row["artifact_id"], row["reference"]) for row in work if row["reference"] in commits.values()}
    assert held == {(company.artifact(1), commits["c1"]), (company.artifact(2), commits["c2"])}


async def test_a_merge_queue_branch_names_its_pull_request(company: Company) -> None:
    await company.receive(
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        pull_request("opened", 2, "other", 10, "c2", opened=10),
        push(queue_branch(1), 12, "queued 1"),
        merge_group(2, 13, "queued 2"),
        telemetry(spent(12, 1, "ci 1", branch=queue_branch(1)), spent(12, 10, "ci 2", branch="2/merge")),
        telemetry(spent(12, 100, "ci 3"), committed(12.5, "queued 1", "ci 3")),
        telemetry(spent(12, 1000, "ci 4"), committed(12.5, "queued 2", "ci 4")),
    )
    await company.drain()
    expected = {(1, "artifact"): 1, (2, "artifact"): 10, (1, "commit"): 100, (2, "commit"): 1000}
    assert await company.ledger() == expected
    kinds = await company.fetch("SELECT kind FROM activity WHERE organization_id = $1")
    assert {row["kind"] for row in kinds} == {"open"}, "what a queue does is nobody's work"


async def test_a_queued_merge_heard_before_its_pull_request_waits_for_it(company: Company) -> None:
    later = 40 * 24
    await company.receive_one_by_one(
        telemetry(spent(12, 100), committed(12.5, "queued")),
        push(queue_branch(1), later + 13, "queued"),
        pull_request("closed", 1, "fix", later + 14, "c1", opened=later + 10, merged="other"),
    )
    assert await company.ledger() == {(1, "commit"): 100}


STACK = (
    push("bottom", 10, "c1"),
    push("top", 11, "c2", known=("c1",)),
    pull_request("opened", 1, "bottom", 12, "c1", opened=12),
    pull_request("opened", 2, "top", 13, "c2", opened=13, base="bottom"),
    telemetry(spent(8, 1), committed(9, "c1", branch="bottom"), spent(10, 10), committed(10.5, "c2", branch="top")),
)


async def test_a_commit_of_stacked_pull_requests_belongs_to_the_one_that_introduced_it(company: Company) -> None:
    await company.receive(*STACK)
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 1, (2, "commit"): 10}


async def test_a_stack_merged_from_its_bottom_stays_apart(company: Company) -> None:
    await company.receive_one_by_one(
        *STACK,
        pull_request("closed", 1, "bottom", 20, "c1", opened=12, merged="m1"),
        pull_request("edited", 2, "top", 20.1, "c2", opened=13),
        push("main", 20, "m1", known=("c1",)),
        pull_request("closed", 2, "top", 22, "c2", opened=13, merged="m2"),
        push("main", 22, "m2", known=("c2",)),
    )
    assert await company.ledger() == {(1, "commit"): 1, (2, "commit"): 10}


async def test_a_stack_pushed_at_once_from_its_top_stays_apart(company: Company) -> None:
    await company.receive(
        push("top", 11, "c1", "c2"),
        push("bottom", 11, "c1"),
        pull_request("opened", 2, "top", 12, "c2", opened=12, base="bottom"),
        pull_request("opened", 1, "bottom", 13, "c1", opened=13),
        STACK[-1],
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 1, (2, "commit"): 10}


WORK = telemetry(spent(8, 1), committed(9, "c1", branch="fix"), spent(10, 10), committed(11, "c2", branch="fix"))


async def test_a_squash_merge_is_linked_by_the_pull_requests_own_commits(company: Company) -> None:
    await company.receive(
        push("fix", 9.5, "c1"),
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        push("fix", 11.5, "c2"),
        pull_request("synchronize", 1, "fix", 11.6, "c2", opened=10, before="c1"),
        pull_request("closed", 1, "fix", 15, "c2", opened=10, merged="squashed"),
        push("main", 15, "squashed"),
        WORK,
        telemetry(spent(14, 100, "merging"), committed(15, "squashed", "merging", branch="main")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 111}


async def test_a_rebase_merge_is_linked_by_the_pull_requests_own_commits(company: Company) -> None:
    await company.receive(
        push("fix", 11.5, "c1", "c2"),
        pull_request("opened", 1, "fix", 12, "c2", opened=12),
        pull_request("closed", 1, "fix", 15, "c2", opened=12, merged="rebased 2"),
        push("main", 15, "rebased 1", "rebased 2"),
        WORK,
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11}


async def test_commits_replaced_by_a_forced_push_still_belong(company: Company) -> None:
    await company.receive(
        push("fix", 9.5, "c1"),
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        push("fix", 11.5, "c2", before="c1"),
        pull_request("synchronize", 1, "fix", 11.6, "c2", opened=10, before="c1"),
        pull_request("closed", 1, "fix", 15, "c2", opened=10, merged="m"),
        WORK,
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11}


async def test_a_pull_request_known_by_its_heads_alone_holds_all_of_them(company: Company) -> None:
    await company.receive(
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        pull_request("synchronize", 1, "fix", 12, "c3", opened=10, before="c2"),
        WORK,
        telemetry(spent(11.5, 100, "t"), committed(11.8, "c3", "t")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 111}


async def test_a_cherry_picked_commit_belongs_to_the_backport_and_the_original_stays(company: Company) -> None:
    await company.receive(
        push("fix", 9.5, "c1"),
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        pull_request("closed", 1, "fix", 12, "c1", opened=10, merged="m1"),
        push("backport-1-to-1.x", 20, "picked"),
        pull_request("opened", 2, "backport-1-to-1.x", 21, "picked", opened=21, base="release/1.x"),
        pull_request("closed", 2, "backport-1-to-1.x", 24, "picked", opened=21, base="release/1.x", merged="m2"),
        telemetry(spent(8, 1), committed(9, "c1", branch="fix")),
        telemetry(
            spent(18, 10, "backport", branch="release/1.x"),
            committed(19, "picked", "backport", branch="backport-1-to-1.x"),
        ),
        telemetry(spent(18, 100, "maintenance", branch="release/1.x")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 1, (2, "commit"): 10, (0, "overhead"): 100}


async def test_work_between_closing_and_reopening_counts_and_the_state_is_the_last(company: Company) -> None:
    reported: list[Delivery | Body] = [
        push("fix", 9.5, "c1"),
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        pull_request("closed", 1, "fix", 20, "c1", opened=10),
        telemetry(spent(24, 1, branch="fix"), spent(25, 10, "t"), committed(26, "c2", "t")),
        push("fix", 27, "c2"),
    ]
    await company.receive_one_by_one(*reported)
    assert await company.states() == {1: "abandoned"}
    assert {evidence for _, evidence in await company.ledger()}.isdisjoint({"branch", "commit"})
    await company.receive_one_by_one(pull_request("reopened", 1, "fix", 28, "c2", opened=10))
    assert await company.states() == {1: "open"}
    await company.receive_one_by_one(pull_request("closed", 1, "fix", 40, "c2", opened=10, merged="m"))
    assert await company.states() == {1: "merged"}
    assert await company.ledger() == {(1, "branch"): 1, (1, "commit"): 10}


async def test_a_fork_and_its_original_keep_branches_of_one_name_apart(company: Company) -> None:
    fork = "https://github.com/canary-person/shop.git"
    await company.receive(
        pull_request("opened", 1, "fix", 10, "f1", opened=10, source=FORK_REPOSITORY),
        pull_request("opened", 2, "fix", 11, "c1", opened=11),
        push("fix", 12, "c2"),
        push("fix", 12, "f2", of=FORK_REPOSITORY),
        telemetry(spent(13, 1, branch="fix", repository=fork), spent(13, 10, "t", branch="fix")),
        telemetry(spent(11, 100, "u", repository=fork), committed(11.5, "f2", "u", repository=fork)),
        telemetry(spent(11, 1000, "v"), committed(11.5, "c2", "v")),
        telemetry(spent(13, 10_000, "w", number=1, repository=fork)),
    )
    await company.drain()
    expected = {(1, "branch"): 1, (2, "branch"): 10, (1, "commit"): 100, (2, "commit"): 1000, (1, "artifact"): 10_000}
    assert await company.ledger() == expected


async def test_a_pull_request_from_the_main_branch_of_a_fork_takes_no_work_on_main(company: Company) -> None:
    fork = "https://github.com/canary-person/shop"
    await company.receive(
        pull_request("opened", 1, "main", 10, "f1", opened=10, source=FORK_REPOSITORY),
        telemetry(spent(11, 1, branch="main", repository=fork), spent(11, 10, "t", branch="main")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "branch"): 1, (0, "overhead"): 10}


MOVED = repository(1, "octo-dock/store")
TRANSFERRED = Delivery(
    "repository",
    {
        "action": "transferred",
        "repository": {**MOVED, "updated_at": "2026-03-03T00:00:00Z"},
        "changes": {"owner": {"from": {"organization": {"login": "octo"}}}, "repository": {"name": {"from": "shop"}}},
    },
)


@pytest.mark.parametrize("heard", ["before", "after", "never"])
async def test_a_pull_request_whose_repository_moved_stays_one(company: Company, heard: str) -> None:
    moved = "https://github.com/octo-dock/store"
    reported: list[Delivery | Body] = [
        push("fix", 9.5, "c1"),
        pull_request("opened", 1, "fix", 10, "c1", opened=10),
        telemetry(spent(8, 1), committed(9, "c1", branch="fix"), spent(12, 10, branch="fix")),
        push("fix", 30, "c2", of=MOVED),
        pull_request("synchronize", 1, "fix", 30, "c2", opened=10, before="c1", of=MOVED),
        pull_request("closed", 1, "fix", 50, "c2", opened=10, of=MOVED, merged="m"),
        telemetry(
            spent(28, 100, "t", repository=moved),
            committed(29, "c2", "t", repository=moved),
            spent(32, 1000, "t", branch="fix", repository=moved),
            spent(33, 10_000, "old clone", branch="fix"),
        ),
    ]
    if heard != "never":
        reported.insert(3 if heard == "before" else len(reported), TRANSFERRED)
    await company.receive_one_by_one(*reported)
    assert await company.ledger() == {(1, "commit"): 101, (1, "branch"): 11_010}
    assert await company.states() == {1: "merged"}


async def test_a_branch_that_merges_main_in_does_not_take_over_others_commits(company: Company) -> None:
    await company.receive(
        pull_request("opened", 1, "early", 5, "e1", opened=5),
        push("fix", 9.5, "c1"),
        pull_request("opened", 2, "fix", 10, "c1", opened=10),
        pull_request("closed", 2, "fix", 12, "c1", opened=10, merged="m"),
        push("early", 14, "merge of main", known=("c1", "m")),
        pull_request("synchronize", 1, "early", 14, "merge of main", opened=5, before="e1"),
        telemetry(spent(8, 1), committed(9, "c1", branch="fix")),
    )
    await company.drain()
    assert await company.ledger() == {(2, "commit"): 1}


async def test_a_deployment_from_main_takes_no_work_of_others(company: Company) -> None:
    await company.receive(
        pull_request("opened", 1, "main", 5, "base", opened=5, base="production"),
        push("fix", 9.5, "c1"),
        pull_request("opened", 2, "fix", 10, "c1", opened=10),
        pull_request("closed", 2, "fix", 12, "c1", opened=10, merged="squashed"),
        push("main", 12, "squashed"),
        pull_request("synchronize", 1, "main", 12, "squashed", opened=5, base="production", before="base"),
        telemetry(spent(8, 1), committed(9, "c1", branch="fix"), seen_on(11, "main"), spent(11.5, 10)),
        telemetry(spent(8, 100, "t", branch="main")),
        telemetry(spent(11, 1000, "u"), committed(11.9, "squashed", "u")),
    )
    await company.drain()
    assert await company.ledger() == {(2, "commit"): 1001, (0, "overhead"): 110}
