"""Group commit: requests of an organization that arrive during a commit share the next one."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from schema.errors import ShipledgerError

Work = TypeVar("Work")
Result = TypeVar("Result")

# Rows per commit: enough to be efficient, few enough to keep each request's wait short.
COMMIT_ROWS = 20_000


class GroupCommit(Generic[Work, Result]):
    """Saves work in groups, one group per organization at a time; every caller waits for its commit.

    There is no timer: a single request is saved at once, and under load groups grow. If a group cannot be saved because
    of its contents, each member is retried alone, so that a bad one never fails its neighbours.
    """

    def __init__(
        self,
        save: Callable[[int, Sequence[Work]], Awaitable[Sequence[Result]]],
        size: Callable[[Work], int],
        limit: int = COMMIT_ROWS,
    ) -> None:
        self._save = save
        self._size = size
        self._limit = limit
        self._waiting: dict[int, deque[tuple[Work, asyncio.Future[Result]]]] = defaultdict(deque)
        self._running: dict[int, asyncio.Task[None]] = {}

    async def submit(self, organization_id: int, work: Work) -> Result:
        """Save work together with other waiting work; returns after the commit, and raises what `save` raises."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[organization_id].append((work, done))
        if organization_id not in self._running:
            self._running[organization_id] = asyncio.create_task(self._run(organization_id))
        return await done

    def waits(self, organization_id: int) -> bool:
        """Return whether another group follows when the present one is saved."""
        return bool(self._waiting.get(organization_id))

    async def _run(self, organization_id: int) -> None:
        try:
            while group := self._next_group(organization_id):
                await self._commit(organization_id, group)
        finally:
            del self._running[organization_id]
            # Only a cancelled task leaves work behind; its callers must not wait forever.
            for _, done in self._waiting.pop(organization_id, ()):
                done.cancel()

    def _next_group(self, organization_id: int) -> list[tuple[Work, asyncio.Future[Result]]]:
        group: list[tuple[Work, asyncio.Future[Result]]] = []
        rows = 0
        waiting = self._waiting[organization_id]
        while waiting:
            work, done = waiting.popleft()
            rows += self._size(work)
            if group and rows > self._limit:
                waiting.appendleft((work, done))
                break
            group.append((work, done))
        return group

    async def _commit(self, organization_id: int, group: list[tuple[Work, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._save(organization_id, [work for work, _ in group])
        except ShipledgerError as error:
            # PostgreSQL is unavailable, so retrying each member would fail, too.
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to those who wait
            if len(group) == 1:
                _fail(group, error)
            else:
                for one in group:
                    await self._commit(organization_id, [one])
        except asyncio.CancelledError:
            for _, done in group:
                done.cancel()
            raise
        else:
            for (_, done), result in zip(group, results, strict=True):
                if not done.done():
                    done.set_result(result)


def _fail(group: Sequence[tuple[Work, "asyncio.Future[Result]"]], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
