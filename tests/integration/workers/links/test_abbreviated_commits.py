"""Agents that tell only the first digits of the commits that they make. Pull request 0 is overhead."""

import hashlib

import pytest

from tests.harness.bodies import committed, committed_briefly, pull_request, push, spent, telemetry
from tests.harness.company import Company


async def test_the_first_digits_of_a_commit_lead_to_its_pull_request(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        telemetry(spent(9, 1), spent(10, 10), committed_briefly(11, "c1")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11}


async def test_work_that_was_settled_before_the_commit_was_pushed_is_linked_later(company: Company) -> None:
    await company.receive(telemetry(spent(9, 1), committed_briefly(11, "c1")))
    await company.drain()
    assert await company.ledger() == {(0, "overhead"): 1}
    await company.receive(push("fix", 12, "c1"), pull_request("opened", 1, "fix", 13, "c1", opened=13))
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 1}


async def test_full_and_abbreviated_sha_are_the_same_commit(company: Company) -> None:
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        telemetry(
            spent(9, 1, "old"), committed_briefly(11, "c1", "old"), spent(9, 10, "new"), committed(11, "c1", "new")
        ),
    )
    await company.drain()
    assert await company.ledger() == {(1, "commit"): 11}


async def test_first_digits_that_commits_of_two_pull_requests_share_say_nothing(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alike(word: str | None) -> str:
        """SHAs that differ in their last digits only."""
        return (
            "0" * 40 if word is None else "6f7d561" + hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest()[7:]
        )

    monkeypatch.setattr("tests.harness.bodies.sha", alike)
    await company.receive(
        push("fix", 12, "c1"),
        pull_request("opened", 1, "fix", 13, "c1", opened=13),
        push("other", 12, "c2"),
        pull_request("opened", 2, "other", 13, "c2", opened=13),
        telemetry(spent(9, 100), committed_briefly(11, "c1", branch="fix")),
    )
    await company.drain()
    assert await company.ledger() == {(1, "branch"): 100}
