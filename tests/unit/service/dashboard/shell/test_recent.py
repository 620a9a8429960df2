"""What takes long is read once a minute, and never for somebody else."""

from collections.abc import Awaitable, Callable

from service.dashboard.shell.recent import KEPT_SECONDS, MOST_KEPT, RecentReads


def counting() -> tuple[list[int], Callable[[], Awaitable[int]]]:
    reads: list[int] = []

    async def read() -> int:
        reads.append(1)
        return len(reads)

    return reads, read


async def test_the_same_question_is_read_once_until_it_expires() -> None:
    now = [0.0]
    recent = RecentReads(clock=lambda: now[0])
    reads, read = counting()
    assert [await recent.read((1, "changes"), read) for _ in range(3)] == [1, 1, 1]
    now[0] = KEPT_SECONDS + 1
    assert await recent.read((1, "changes"), read) == 2
    assert len(reads) == 2


async def test_another_organization_is_another_question() -> None:
    recent = RecentReads()
    _, read = counting()
    assert await recent.read((1, "changes"), read) == 1
    assert await recent.read((2, "changes"), read) == 2


async def test_only_so_many_are_kept() -> None:
    recent = RecentReads()
    _, read = counting()
    for number in range(MOST_KEPT + 1):
        await recent.read((number,), read)
    assert len(recent._kept) == MOST_KEPT
    assert await recent.read((0,), read) == MOST_KEPT + 2
