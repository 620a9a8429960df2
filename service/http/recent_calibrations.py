"""Cached calibrations: every figure needs them, and they change a few times an hour."""

import time
from collections.abc import Mapping

from schema.database import Database
from service.queries.ledger.calibrations import TeamCalibrations, read_calibrations

KEPT_SECONDS = 2.0

NONE: TeamCalibrations = {}


class Calibrations:
    """A cache of calibrations by organization; entries expire after KEPT_SECONDS."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[int, Mapping[int, TeamCalibrations]] = {}
        self._until: dict[int, float] = {}

    async def of(self, organization_id: int) -> Mapping[int, TeamCalibrations]:
        """Return an organization's calibrations by team id; raises UnavailableError if the database is unavailable."""
        now = time.monotonic()
        kept = self._kept.get(organization_id)
        if kept is not None and self._until[organization_id] > now:
            return kept
        # Concurrent calls use the old calibrations until these are read.
        self._until[organization_id] = now + KEPT_SECONDS
        async with self._database.organization(organization_id) as tenant:
            found = await read_calibrations(tenant)
        self._kept[organization_id] = found
        return found
