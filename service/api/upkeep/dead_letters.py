"""/api/v1/dead-letters: list and replay rows that workers gave up on."""

from datetime import datetime

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import JSONBody

from schema.database import Database, Tenant
from schema.errors import NotFoundError
from schema.queue import Queue
from schema.work_rows import ROWS, WorkKind
from service.api.cursors import DEFAULT_LIMIT, Cursor, Limit, cut, read_cursor
from service.auth.caller import Caller
from service.auth.guards import requires
from service.contracts.dead_letter import DeadLetterList, DeadLetterShown, Replay, Replayed
from service.queries.upkeep import dead_letters
from service.queries.upkeep.dead_letters import DeadLetter


@get("/api/v1/dead-letters", guards=[requires("admin")], summary="List dead letters", tags=["administration"])
async def show_dead_letters(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> DeadLetterList:
    """List rows that workers gave up on, oldest first, with the reason and what to do."""
    after = read_cursor(cursor, tuple[datetime, str])
    async with database.organization(caller.organization_id) as tenant:
        letters = await dead_letters.list_dead_letters(tenant, after=after, limit=limit + 1)
    page, next_cursor = cut(letters, limit, lambda letter: (letter.since, letter.letter_id))
    return DeadLetterList(items=[dead_letter_shown(letter) for letter in page], next_cursor=next_cursor)


@post(
    "/api/v1/dead-letters/replay",
    guards=[requires("admin")],
    status_code=202,
    summary="Replay dead letters",
    tags=["administration"],
)
async def replay_dead_letters(
    data: JSONBody[Replay],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    queue: NamedDependency[Queue],
) -> Response[Replayed]:
    """Let workers try one dead letter again, or all that can be replayed (`id` null), from the first attempt."""
    async with database.organization(caller.organization_id) as tenant:
        replayed = await hand_back(tenant, data.id)
    wake_up = BackgroundTask(wake_for, queue, caller.organization_id, list(replayed))
    return Response(Replayed(replayed=sum(replayed.values())), status_code=202, background=wake_up)


async def hand_back(tenant: Tenant, letter_id: str | None) -> dict[WorkKind, int]:
    """Replay one dead letter, or with None all; returns how many of each kind. Raises NotFoundError for one."""
    replayed = {kind: count for kind, count in (await dead_letters.replay(tenant, letter_id)).items() if count}
    if letter_id is not None and not replayed:
        raise NotFoundError("No dead letter with this id can be replayed; list them with GET /api/v1/dead-letters.")
    return replayed


async def wake_for(queue: Queue, organization_id: int, kinds: list[WorkKind]) -> None:
    """Wake the workers of these kinds."""
    for job in dict.fromkeys(ROWS[kind].job for kind in kinds):
        await queue.wake(job, organization_id)


def dead_letter_shown(letter: DeadLetter) -> DeadLetterShown:
    """Convert a dead letter to the API's contract."""
    return DeadLetterShown(
        id=letter.letter_id,
        kind=letter.kind,
        what=letter.what,
        since=letter.since,
        attempts=letter.attempts,
        failure=letter.failure.value,
        explanation=letter.explanation.happened,
        remedy=letter.explanation.remedy,
        can_replay=letter.can_replay,
    )


ROUTES = [show_dead_letters, replay_dead_letters]
