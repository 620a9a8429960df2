"""Group commit: who shares a commit, and who is spared whose error."""

import asyncio
from collections.abc import Sequence

import pytest

from schema.errors import UnavailableError
from service.http.group_commit import GroupCommit


class Ledger:
    """Keeps what is committed; a commit waits for `gate`, and fails as a whole when it holds a bad number."""

    def __init__(self) -> None:
        self.commits: list[tuple[int, list[int]]] = []
        self.gate = asyncio.Event()

    async def save(self, organization_id: int, work: Sequence[int]) -> list[int]:
        await self.gate.wait()
        self.commits.append((organization_id, list(work)))
        if any(number == 0 for number in work):
            raise UnavailableError("away")
        if any(number < 0 for number in work):
            raise ValueError
        return [number * 10 for number in work]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def group(ledger: Ledger) -> GroupCommit[int, int]:
    return GroupCommit(ledger.save, size=lambda _: 1)


async def arrive(group: GroupCommit[int, int], *numbers: int, organization_id: int = 1) -> list[asyncio.Task[int]]:
    tasks = []
    for number in numbers:
        tasks.append(asyncio.create_task(group.submit(organization_id, number)))
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_requests_during_a_commit_share_the_next_one(ledger: Ledger, group: GroupCommit[int, int]) -> None:
    tasks = await arrive(group, 1, 2, 3, 4)
    ledger.gate.set()
    assert await asyncio.gather(*tasks) == [10, 20, 30, 40]
    assert ledger.commits == [(1, [1]), (1, [2, 3, 4])]


async def test_whether_another_group_follows_is_known_while_one_is_saved(
    ledger: Ledger, group: GroupCommit[int, int]
) -> None:
    first = await arrive(group, 1)
    assert not group.waits(1)
    second = await arrive(group, 2)
    assert group.waits(1)
    assert not group.waits(2)
    ledger.gate.set()
    await asyncio.gather(*first, *second)
    assert not group.waits(1)


async def test_organizations_never_share_a_commit(ledger: Ledger, group: GroupCommit[int, int]) -> None:
    tasks = [*await arrive(group, 1, 2, 3), *await arrive(group, 4, 5, organization_id=2)]
    ledger.gate.set()
    await asyncio.gather(*tasks)
    assert sorted(ledger.commits) == [(1, [1]), (1, [2, 3]), (2, [4]), (2, [5])]


async def test_a_bad_member_fails_alone(ledger: Ledger, group: GroupCommit[int, int]) -> None:
    tasks = await arrive(group, 1, 2, -3, 4)
    ledger.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[0], answers[1], answers[3]] == [10, 20, 40]
    assert isinstance(answers[2], ValueError)


async def test_an_absent_database_fails_all_at_once(ledger: Ledger, group: GroupCommit[int, int]) -> None:
    tasks = await arrive(group, 1, 2, 0, 4)
    ledger.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[0] == 10
    assert all(isinstance(answer, UnavailableError) for answer in answers[1:])
    assert ledger.commits == [(1, [1]), (1, [2, 0, 4])]


async def test_a_caller_who_leaves_does_not_take_the_others_along(ledger: Ledger, group: GroupCommit[int, int]) -> None:
    tasks = await arrive(group, 1, 2, 3)
    tasks[0].cancel()
    tasks[1].cancel()
    ledger.gate.set()
    assert await tasks[2] == 30
    assert ledger.commits == [(1, [1]), (1, [2, 3])]


async def test_a_group_is_cut_at_its_limit_and_the_rest_follows(ledger: Ledger) -> None:
    group = GroupCommit(ledger.save, size=lambda _: 1, limit=2)
    tasks = await arrive(group, 1, 2, 3, 4, 5, 6)
    ledger.gate.set()
    await asyncio.gather(*tasks)
    assert [work for _, work in ledger.commits] == [[1], [2, 3], [4, 5], [6]]


async def test_after_everything_is_committed_the_next_starts_afresh(
    ledger: Ledger, group: GroupCommit[int, int]
) -> None:
    ledger.gate.set()
    assert [await group.submit(1, number) for number in (1, 2)] == [10, 20]
    assert ledger.commits == [(1, [1]), (1, [2])]
