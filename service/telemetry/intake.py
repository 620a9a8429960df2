"""The way in, shared by OTLP and the token-events API: hash, then store with whatever else arrives."""

import asyncio
from collections.abc import Sequence

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from schema.database import Database
from schema.organizations import OrganizationKeys
from schema.settings import Settings
from service.auth.caller import Caller
from service.telemetry.batching import GroupCommit
from service.telemetry.hashing import IntakeRows, hash_readings
from service.telemetry.normalised import Readings
from service.telemetry.store import save

# More rows are hashed in a thread, so that they do not hold up other requests.
FEW_ROWS = 200


class TokenIntake:
    """Takes readings of a caller into the database, exactly once."""

    def __init__(self, database: Database, organization_keys: OrganizationKeys, team_limit: int) -> None:
        self._database = database
        self._keys = organization_keys
        self._team_limit = team_limit
        self._commits: GroupCommit[IntakeRows, int] = GroupCommit(self._save, lambda rows: rows.size)

    async def add(self, caller: Caller, readings: Readings) -> int:
        """Store what was read; how many token events were new.

        Raises UnavailableError when PostgreSQL is away, and then nothing was stored.
        """
        if not readings.size:
            return 0
        hasher = await self._keys.hasher(caller.organization_id)
        few = readings.size <= FEW_ROWS
        rows = (
            hash_readings(hasher, readings, caller.team_id)
            if few
            else await asyncio.to_thread(hash_readings, hasher, readings, caller.team_id)
        )
        return await self._commits.submit(caller.organization_id, rows)

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
