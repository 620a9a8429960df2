"""Who is in which team, remembered by this process for a short while, so that not every pull request asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from workers.team_sync.forge_teams import ForgeTeam

LIFETIME = timedelta(hours=1)


class Memberships:
    """Teams by connection and place, as they were read last; people are digests, and go with them."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], tuple[datetime, Sequence[ForgeTeam]]] = {}

    def keep(self, connection_id: UUID, place: str, teams: Sequence[ForgeTeam], now: datetime) -> None:
        """Remember what was read."""
        self.forget_old(now)
        self._known[connection_id, place] = (now, teams)

    def find(self, connection_id: UUID, place: str, now: datetime) -> Sequence[ForgeTeam] | None:
        """What is remembered, if it is not too old."""
        self.forget_old(now)
        return self._known.get((connection_id, place), (now, None))[1]

    def forget_old(self, now: datetime) -> None:
        """Let go of what was read too long ago."""
        self._known = {key: known for key, known in self._known.items() if now - known[0] < LIFETIME}
