"""Shared reads: queries of one organization that arrive together share one transaction."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Generic, TypeAlias, TypeVar

from schema.database import Database, Tenant
from service.http.transactions import open_reading

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Waiting: TypeAlias = list[tuple[Question, asyncio.Future[Answer]]]

# Queries per transaction. Larger groups are hardly cheaper per query, and would leave this process idle while
# PostgreSQL works, and PostgreSQL idle while this process formats the results.
LARGEST_GROUP = 16
# Waiting queries of one organization that open another lane for it. With fewer, one lane with larger groups is faster:
# README.md has the figures.
CROWD = 2 * LARGEST_GROUP


class SharedReads(Generic[Question, Answer]):
    """Runs queries in groups; a lane serves one organization after another, in order of arrival.

    There is no timer: a single query runs at once, and under load groups grow. Organizations never share a transaction,
    because row-level security binds each transaction to one. `lanes` limits the concurrent connections. Organizations
    do not wait for each other while a lane is free, but queries of one organization gather while its lane is busy.
    """

    def __init__(
        self,
        database: Database,
        read: Callable[[Tenant, Sequence[Question]], Awaitable[Sequence[Answer]]],
        lanes: int,
    ) -> None:
        self._database = database
        self._read = read
        self._most_lanes = lanes
        self._waiting: dict[int, Waiting[Question, Answer]] = {}
        self._due: deque[int] = deque()
        self._lanes = 0
        self._running: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, organization_id: int, question: Question) -> Answer:
        """Run one query; raises what `read` raises, and UnavailableError if the database is unavailable."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(organization_id)
        if waiting is None:
            waiting = self._waiting[organization_id] = []
            self._due.append(organization_id)
            if not self._running[organization_id]:
                self._open_lane()
        waiting.append((question, answered))
        if len(waiting) == CROWD:
            self._open_lane()
        return await answered

    def _open_lane(self) -> None:
        """Start another lane if an organization is due and not all lanes are running."""
        if not self._due or self._lanes >= self._most_lanes:
            return
        self._lanes += 1
        task = asyncio.create_task(self._work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        """Run one lane until no organization is due. A failure ends it, and another lane takes over."""
        group: Waiting[Question, Answer] = []
        is_open = True
        try:
            async with open_reading(self._database) as reading:
                while self._due:
                    organization_id = self._due.popleft()
                    group = self._waiting[organization_id]
                    with self._runs(organization_id):
                        tenant = await reading.organization(organization_id)
                        # Taken only now, to include the queries that arrived during the round trip to the database.
                        group = self._take(organization_id)
                        answers = await self._read(tenant, [question for question, _ in group])
                    deliver(group, answers)
                    group = []
                # From here on a new query needs a new lane, while this one ends its transaction.
                self._lanes -= 1
                is_open = False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to those who wait
            self._fail(group, error)
        finally:
            if is_open:
                self._lanes -= 1
                self._open_lane()

    @contextmanager
    def _runs(self, organization_id: int) -> Iterator[None]:
        """Count a lane that runs queries of an organization."""
        self._running[organization_id] += 1
        try:
            yield
        finally:
            self._running[organization_id] -= 1
            if not self._running[organization_id]:
                del self._running[organization_id]

    def _take(self, organization_id: int) -> Waiting[Question, Answer]:
        """Take the first queries of an organization; it stays due if there are more."""
        waiting = self._waiting.pop(organization_id)
        if len(waiting) > LARGEST_GROUP:
            self._waiting[organization_id] = waiting[LARGEST_GROUP:]
            self._due.append(organization_id)
            if len(self._waiting[organization_id]) >= CROWD:
                self._open_lane()
        return waiting[:LARGEST_GROUP]

    def _fail(self, group: Waiting[Question, Answer], error: Exception) -> None:
        """Fail a lane's group; without a group the lane got no connection, so fail all waiting queries."""
        failed = [group] if group else [self._waiting[organization_id] for organization_id in self._due]
        if not group:
            self._due.clear()
        self._waiting = {
            organization_id: waiting
            for organization_id, waiting in self._waiting.items()
            if not any(waiting is each for each in failed)
        }
        for _, answered in chain.from_iterable(failed):
            if not answered.done():
                answered.set_exception(error)


def deliver(group: Waiting[Question, Answer], answers: Sequence[Answer]) -> None:
    """Set the result of each query, unless its caller was cancelled."""
    for (_, answered), answer in zip(group, answers, strict=True):
        if not answered.done():
            answered.set_result(answer)
