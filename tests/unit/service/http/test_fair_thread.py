"""One thread, shared by organizations in turn."""

import asyncio
import threading
import time
from collections.abc import Generator

import pytest

from service.errors import TooLargeError
from service.http.fair_thread import FairThread


def busy(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_a_small_computation_does_not_wait_for_the_large_one_of_another_organization() -> None:
    thread, ended = FairThread("test"), []

    def steps(name: str, number: int) -> Generator[None, None, str]:
        for _ in range(number):
            busy(0.02)
            yield
        ended.append(name)
        return name

    results = await asyncio.gather(
        thread.run(1, steps("large", 15)), thread.run(1, steps("next", 1)), thread.run(2, steps("other", 1))
    )
    assert results == ["large", "next", "other"]
    assert ended == ["other", "large", "next"]


async def test_the_result_and_the_error_of_a_computation_reach_the_caller() -> None:
    thread = FairThread("test")
    assert await thread.call(1, lambda: threading.current_thread() is not threading.main_thread())
    with pytest.raises(ZeroDivisionError):
        await thread.call(1, lambda: 1 // 0)
    assert await thread.call(1, lambda: 7) == 7


async def test_a_computation_that_takes_too_long_is_refused_and_the_next_one_runs() -> None:
    thread = FairThread("test", most_seconds=0.05)

    def endless() -> Generator[None, None, None]:
        while True:
            busy(0.01)
            yield

    with pytest.raises(TooLargeError, match="too long"):
        await thread.run(1, endless())
    assert await thread.call(1, lambda: 7) == 7


async def test_a_computation_ends_when_its_caller_is_cancelled() -> None:
    thread, begun, ended = FairThread("test"), threading.Event(), threading.Event()

    def endless() -> Generator[None, None, None]:
        try:
            begun.set()
            while True:
                busy(0.01)
                yield
        finally:
            ended.set()

    caller = asyncio.create_task(thread.run(1, endless()))
    assert await asyncio.to_thread(begun.wait, 5)
    caller.cancel()
    assert await asyncio.to_thread(ended.wait, 5)
    assert await thread.call(1, lambda: 7) == 7
