"""How much assistants were used that tell use and hardly tokens, as JSON."""

from datetime import date

from msgspec import Struct


class EngagementRow(Struct, frozen=True, kw_only=True):
    """One day, team and model; team is null where the account is no team's, model empty for what is of none told.

    `active_people` is told beside the empty model, of days with at least five of them.
    """

    day: date
    provider: str
    team: str | None
    model: str
    interactions: int
    generations: int
    acceptances: int
    lines_added: int
    lines_deleted: int
    active_people: int | None


class EngagementList(Struct, frozen=True, kw_only=True):
    """Rows by day, oldest first."""

    items: list[EngagementRow]
    next_cursor: str | None = None
