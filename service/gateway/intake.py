"""Intake of gateway bytes: hash and store. Concurrent requests share one commit."""

import asyncio
from collections.abc import Sequence

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from schema.database import Database
from schema.organization_keys import OrganizationKeys
from schema.settings import Settings
from service.auth.caller import Caller
from service.contracts.gateway_usage import GatewayUsageBatch
from service.gateway.bulk import GatewayRows, hash_bulk, read_bulk
from service.gateway.store import Added, save
from service.http.group_commit import GroupCommit
from service.telemetry.intake import FEW_ROWS


class GatewayIntake:
    """Stores bulks exactly once."""

    def __init__(self, database: Database, organization_keys: OrganizationKeys, team_limit: int) -> None:
        self._database = database
        self._keys = organization_keys
        self._team_limit = team_limit
        self._commits: GroupCommit[GatewayRows, Added] = GroupCommit(self._save, lambda bulk: len(bulk.rows))

    async def add(self, caller: Caller, batch: GatewayUsageBatch) -> Added:
        """Store a bulk and return what was new.

        Raises BadInputError for an invalid item, and UnavailableError when PostgreSQL cannot be reached; nothing is
        stored then.
        """
        readings = read_bulk(batch)
        if not readings.size:
            return Added(0, 0)
        hasher = await self._keys.hasher(caller.organization_id)
        if readings.size <= FEW_ROWS:
            rows = hash_bulk(hasher, batch, readings, caller.team_id)
        else:
            rows = await asyncio.to_thread(hash_bulk, hasher, batch, readings, caller.team_id)
        return await self._commits.submit(caller.organization_id, rows)

    async def _save(self, organization_id: int, bulks: Sequence[GatewayRows]) -> Sequence[Added]:
        return await save(self._database, organization_id, bulks, self._team_limit)


def provide_gateway_intake(
    state: State,
    settings: NamedDependency[Settings],
    database: NamedDependency[Database],
    organization_keys: NamedDependency[OrganizationKeys],
) -> GatewayIntake:
    """Return the application's one intake: requests share commits only through the same object."""
    if "gateway_intake" not in state:
        state.gateway_intake = GatewayIntake(database, organization_keys, settings.team_limit)
    intake: GatewayIntake = state.gateway_intake
    return intake


DEPENDENCIES = {"gateway_intake": Provide(provide_gateway_intake, sync_to_thread=False)}
