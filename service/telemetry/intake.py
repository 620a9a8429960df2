"""Intake of OTLP and the token-events API: read, hash, and store. Concurrent requests share one commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from schema.database import Database
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from service.auth.caller import Caller
from service.http.group_commit import GroupCommit
from service.telemetry.hashing.rows import IntakeRows, hash_readings
from service.telemetry.reading.normalised import Readings
from service.telemetry.store.rows import save

# More rows than this are hashed in the thread, so that they do not delay other requests.
FEW_ROWS = 200


class TokenIntake:
    """Stores readings exactly once.

    A single thread reads large bodies, one after another: parallel threads would only compete with each other and with
    the commits for the interpreter.
    """

    def __init__(self, database: Database, organization_keys: OrganizationKeys, team_limit: int) -> None:
        self._database = database
        self._keys = organization_keys
        self._team_limit = team_limit
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telemetry")
        self._commits: GroupCommit[IntakeRows, int] = GroupCommit(self._save, lambda rows: rows.size)

    async def add(self, caller: Caller, readings: Readings) -> int:
        """Store the readings and return how many token events were new.

        Raises UnavailableError when PostgreSQL cannot be reached; nothing is stored then.
        """
        _, new = await self.read_and_add(caller, lambda: readings, few=readings.size <= FEW_ROWS)
        return new

    async def read_and_add(self, caller: Caller, read: Callable[[], Readings], *, few: bool) -> tuple[Readings, int]:
        """Call `read`, in the thread unless `few`, and store its readings; return them and how many events were new.

        Raises what `read` raises, and UnavailableError when PostgreSQL cannot be reached; nothing is stored then.
        """
        hasher = await self._keys.hasher(caller.organization_id)

        def read_and_hash() -> tuple[Readings, IntakeRows]:
            readings = read()
            return readings, hash_readings(hasher, readings, caller.team_id)

        readings, rows = (
            read_and_hash() if few else await asyncio.get_running_loop().run_in_executor(self._thread, read_and_hash)
        )
        return readings, await self._commits.submit(caller.organization_id, rows) if rows.size else 0

    async def _save(self, organization_id: int, requests: Sequence[IntakeRows]) -> Sequence[int]:
        return await save(self._database, organization_id, requests, self._team_limit)


def provide_token_intake(
    state: State,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> TokenIntake:
    """Return the application's one intake: requests share commits only through the same object."""
    if "token_intake" not in state:
        state.token_intake = TokenIntake(database, organization_keys, settings.team_limit)
    intake: TokenIntake = state.token_intake
    return intake


DEPENDENCIES = {"token_intake": Provide(provide_token_intake, sync_to_thread=False)}
