"""One thread for long computations, shared by organizations in turn.

Parallel threads would only compete with each other and with the event loop for the interpreter.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from traceback import clear_frames
from typing import Any, Generic, TypeVar

from service.errors import TooLargeError

Result = TypeVar("Result")

# An organization's turn ends with the first step after this time.
TURN_SECONDS = 0.05
# After a longer turn the thread rests, so that requests which need the interpreter only now and then go on.
REST_SECONDS = 0.002
# CPU time of the thread for one computation. The largest body of real telemetry takes about a second.
MOST_SECONDS = 20.0


class _Work(Generic[Result]):
    """A computation: a generator that ends each step with a `yield`, and returns its result."""

    def __init__(self, steps: Generator[None, None, Result]) -> None:
        self.steps = steps
        self.done: Future[Result] = Future()
        self.seconds = 0.0


class FairThread:
    """Runs computations step by step; each organization's go one after another, those of several take turns."""

    def __init__(self, name: str, most_seconds: float = MOST_SECONDS) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._most_seconds = most_seconds
        self._lock = Lock()
        # The organizations in the order of their turns, and the computations of each.
        self._due: deque[int] = deque()
        self._waiting: dict[int, deque[_Work[Any]]] = {}

    async def run(self, organization_id: int, steps: Generator[None, None, Result]) -> Result:
        """Run a computation and return its result.

        Raises what it raises, and TooLargeError if it takes too long. It ends early if the caller is cancelled.
        """
        work = _Work(steps)
        with self._lock:
            if organization_id not in self._waiting:
                self._waiting[organization_id] = deque()
                self._due.append(organization_id)
            self._waiting[organization_id].append(work)
        self._thread.submit(self._turn)
        return await asyncio.wrap_future(work.done)

    async def call(self, organization_id: int, function: Callable[[], Result]) -> Result:
        """Run a function as one step."""

        def steps() -> Generator[None, None, Result]:
            yield from ()
            return function()

        return await self.run(organization_id, steps())

    def _turn(self) -> None:
        """Give the next organization its turn; called as often as there are computations, and after each turn."""
        with self._lock:
            organization_id = self._due.popleft()
            work = self._waiting[organization_id][0]
        began = time.monotonic()
        is_over = self._advance(work)
        with self._lock:
            if is_over:
                self._waiting[organization_id].popleft()
            if self._waiting[organization_id]:
                self._due.append(organization_id)
            else:
                del self._waiting[organization_id]
        if not is_over:
            self._thread.submit(self._turn)
        if time.monotonic() - began > TURN_SECONDS:
            time.sleep(REST_SECONDS)

    def _advance(self, work: _Work[Any]) -> bool:
        """Take steps until the turn is over; return whether the computation is."""
        if work.done.cancelled():
            work.steps.close()
            return True
        until, began = time.monotonic() + TURN_SECONDS, time.thread_time()
        try:
            while time.monotonic() < until:
                next(work.steps)
                self._check(work.seconds + time.thread_time() - began)
        except StopIteration as end:
            _end(work.done, result=end.value)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is handed to the caller
            _end(work.done, error=error)
        else:
            work.seconds += time.thread_time() - began
            return False
        return True

    def _check(self, seconds: float) -> None:
        if seconds > self._most_seconds:
            raise TooLargeError("The body takes too long to read. Send smaller batches.")


def _end(done: "Future[Any]", result: object = None, error: BaseException | None = None) -> None:
    """Hand over the result, unless the caller was cancelled meanwhile."""
    with suppress(InvalidStateError):
        if error is None:
            done.set_result(result)
        else:
            # The frames hold the body that was read.
            clear_frames(error.__traceback__)
            done.set_exception(error)
