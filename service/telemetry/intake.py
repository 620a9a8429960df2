"""The way in, shared by OTLP and the token-events API: read, hash, then store with whatever else arrives."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from schema.database import Database
from schema.organizations import OrganizationKeys
from schema.settings import Settings
from service.auth.caller import Caller
from service.http.group_commit import GroupCommit
from service.telemetry.hashing.rows import IntakeRows, hash_readings
from service.telemetry.reading.normalised import Readings
from service.telemetry.store.rows import save

# More rows are hashed in the thread, so that they do not hold up other requests.
FEW_ROWS = 200


class TokenIntake:
    """Takes readings of a caller into the database, exactly once.

    Large bodies are read in one thread, one after the other: threads that read side by side only take the interpreter
    from each other, and from the commits.
    """

    def __init__(self, database: Database, organization_keys: OrganizationKeys, team_limit: int) -> None:
        self._database = database
        self._keys = organization_keys
        self._team_limit = team_limit
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telemetry")
        self._commits: GroupCommit[IntakeRows, int] = GroupCommit(self._save, lambda rows: rows.size)

    async def add(self, caller: Caller, readings: Readings) -> int:
        """Store what was read; how many token events were new.

        Raises UnavailableError when PostgreSQL is away, and then nothing was stored.
        """
        _, new = await self.read_and_add(caller, lambda: readings, few=readings.size <= FEW_ROWS)
        return new

    async def read_and_add(self, caller: Caller, read: Callable[[], Readings], *, few: bool) -> tuple[Readings, int]:
        """Store what `read` gives, which is called at once for a few records, else in the thread; the same, and new.

        Raises what `read` raises, and UnavailableError when PostgreSQL is away; then nothing was stored.
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
    """One intake an application, since requests can only share commits through the same one."""
    if "token_intake" not in state:
        state.token_intake = TokenIntake(database, organization_keys, settings.team_limit)
    intake: TokenIntake = state.token_intake
    return intake


DEPENDENCIES = {"token_intake": Provide(provide_token_intake, sync_to_thread=False)}
