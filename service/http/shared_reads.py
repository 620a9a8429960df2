"""Questions of one organization that arrive together are answered in one transaction."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Generic, TypeAlias, TypeVar

from schema.database import Database, Tenant

Question = TypeVar("Question")
Answer = TypeVar("Answer")
Waiting: TypeAlias = list[tuple[Question, asyncio.Future[Answer]]]

# Questions of one transaction: more would hardly be cheaper each, and while all waited for one answer of PostgreSQL
# there would be nothing to do here, nor there while all of them are shown.
LARGEST_GROUP = 12


class SharedReads(Generic[Question, Answer]):
    """Asks in groups; a lane takes one organization after another, in the order in which they came.

    There is no timer: alone, a question is asked at once; under load, groups grow by themselves. Row-level security
    binds each transaction to its organization, which is why organizations never share one. `lanes` are connections at
    once: few, so that questions gather while they are busy, and more the longer PostgreSQL works at an answer.
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
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, organization_id: int, question: Question) -> Answer:
        """The answer to one question; raises what `read` raises, and UnavailableError without a database."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(organization_id)
        if waiting is None:
            waiting = self._waiting[organization_id] = []
            self._due.append(organization_id)
            self._open_lane()
        waiting.append((question, answered))
        return await answered

    def _open_lane(self) -> None:
        """Have one more at work, if something is due and not all of them are."""
        if not self._due or self._lanes >= self._most_lanes:
            return
        self._lanes += 1
        task = asyncio.create_task(self._work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        """One lane: works until no organization is due. A failure ends it, and another takes over what still is."""
        held: Waiting[Question, Answer] = []
        is_open = True
        try:
            async with self._database.reading() as reading:
                while self._due:
                    organization_id = self._due.popleft()
                    held = self._waiting[organization_id]
                    tenant = await reading.organization(organization_id)
                    # Only now, so that what came during the way to the database and back is asked with the rest.
                    held = self._take(organization_id)
                    answers = await self._read(tenant, [question for question, _ in held])
                    hand_out(held, answers)
                    held = []
                # From here on a new question needs a new lane, while this one still ends its transaction.
                self._lanes -= 1
                is_open = False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to those who wait
            self._fail(held, error)
        finally:
            if is_open:
                self._lanes -= 1
                self._open_lane()

    def _take(self, organization_id: int) -> Waiting[Question, Answer]:
        """The first questions of an organization; it stays due for the others."""
        waiting = self._waiting.pop(organization_id)
        if len(waiting) > LARGEST_GROUP:
            self._waiting[organization_id] = waiting[LARGEST_GROUP:]
            self._due.append(organization_id)
            self._open_lane()
        return waiting[:LARGEST_GROUP]

    def _fail(self, held: Waiting[Question, Answer], error: Exception) -> None:
        """Hand an error to those whose questions a lane held; without any it had no connection, and nobody has."""
        failed = [held] if held else [self._waiting[organization_id] for organization_id in self._due]
        if not held:
            self._due.clear()
        self._waiting = {
            organization_id: waiting
            for organization_id, waiting in self._waiting.items()
            if not any(waiting is each for each in failed)
        }
        for _, answered in chain.from_iterable(failed):
            if not answered.done():
                answered.set_exception(error)


def hand_out(group: Waiting[Question, Answer], answers: Sequence[Answer]) -> None:
    """Give each question its answer, unless nobody waits for it any longer."""
    for (_, answered), answer in zip(group, answers, strict=True):
        if not answered.done():
            answered.set_result(answer)
