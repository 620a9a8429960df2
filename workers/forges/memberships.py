"""A short-lived in-memory cache of team members, so that not every pull request fetches them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from workers.team_sync.forge_teams import ForgeTeam

LIFETIME = timedelta(hours=1)


class _Known(NamedTuple):
    read_at: datetime
    teams: Sequence[ForgeTeam]


class Memberships:
    """Teams by connection and place, as last read; people are digests."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], _Known] = {}

    def keep(self, connection_id: UUID, place: str, teams: Sequence[ForgeTeam], now: datetime) -> None:
        """Cache teams."""
        self.forget_old(now)
        self._known[connection_id, place] = _Known(now, teams)

    def find(self, connection_id: UUID, place: str, now: datetime) -> Sequence[ForgeTeam] | None:
        """Return cached teams that have not expired."""
        self.forget_old(now)
        known = self._known.get((connection_id, place))
        return known.teams if known else None

    def forget_old(self, now: datetime) -> None:
        """Remove expired teams."""
        self._known = {key: known for key, known in self._known.items() if now - known.read_at < LIFETIME}
