"""Sessions of agents, split in time over the pull requests they worked on. Pull request 0 is overhead."""

from schema.identifiers import artifact_text
from tests.harness.bodies import committed, pull_request, push, seen_on, spent, telemetry
from tests.harness.company import Company


async def test_tokens_go_to_the_next_commit_and_after_the_last_one_to_the_branch(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        telemetry(spent(9, 1), spent(10, 10), committed(11, "c1", branch="fix"), spent(14, 100)),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11, (1, "branch"): 100}


async def test_tokens_after_the_last_commit_stay_with_it_for_a_day_where_no_branch_is_known(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        telemetry(spent(10, 10), committed(11, "c1"), spent(13, 100), spent(36, 1000)),
    )
    await company.drain()
    ledger = await company.ledger()
    assert ledger.pop((1, "commit")) == 110
    assert set(ledger) == {(1, "repository"), (0, "overhead")}


async def test_a_long_session_over_several_pull_requests_is_split_in_time(company: Company) -> None:
    await company.receive(
        *(push(branch, 20 + number, f"c{number}") for number, branch in ((1, "one"), (2, "two"), (3, "three"))),
        *(
            pull_request("opened", number, branch, 24 + number, f"c{number}", opened=24 + number)
            for number, branch in ((1, "one"), (2, "two"), (3, "three"))
        ),
        telemetry(*(spent(hour, 10 ** (hour - 8)) for hour in range(8, 14))),
        telemetry(committed(9.5, "c1", branch="one"), committed(11.5, "c2", branch="two"), seen_on(12.5, "three")),
    )
    await company.drain()
    assert await company.rows() == [
        (1, "commit", 8, 1),
        (1, "commit", 9, 10),
        (2, "commit", 10, 100),
        (2, "commit", 11, 1000),
        (3, "branch", 12, 10_000),
        (3, "branch", 13, 100_000),
    ]


async def test_tokens_on_one_branch_do_not_go_to_the_next_commit_on_another(company: Company) -> None:
    await company.receive(
        push("one", 20, "c1"),
        push("two", 20, "c2"),
        pull_request("opened", 1, "one", 21, "c1", opened=21),
        pull_request("opened", 2, "two", 21, "c2", opened=21),
        telemetry(spent(9, 1, branch="one"), spent(10, 10, branch="two"), committed(11, "c2", branch="two")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "branch"): 1, (2, "commit"): 10}


async def test_work_on_main_before_the_switch_follows_the_branch_and_after_it_is_exploration(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        telemetry(
            spent(9, 1, branch="main"),
            spent(10, 10, branch="fix"),
            committed(11, "c1", branch="fix"),
            spent(14, 100, branch="main"),
        ),
        telemetry(spent(9, 1000, "another", branch="main")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11, (0, "overhead"): 1100}


async def test_an_explicit_artifact_hash_outweighs_every_other_evidence(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        pull_request("opened", 2, "other", 13, "c2", opened=13),
        telemetry(
            spent(9, 1, branch="fix", artifact=artifact_text(company.artifact(2))),
            spent(9.5, 10, branch="fix", number=2),
            committed(11, "c1", branch="fix"),
        ),
    )
    await company.drain()
    assert await company.ledger() == {(2, "artifact"): 11}


async def test_a_commit_amended_before_it_was_pushed_falls_back_to_its_branch(company: Company) -> None:
    await company.receive(
        push("fix", 12, "amended"),
        pull_request("opened", 1, "fix", 13, "amended", opened=13),
        telemetry(spent(9, 1), committed(10, "draft", branch="fix"), spent(10.5, 10), committed(11, "amended")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "branch"): 1, (1, "commit"): 10}
