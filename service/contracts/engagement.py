"""How much assistants were used that tell use and hardly tokens, as JSON."""

from datetime import date

from msgspec import Struct


class EngagementRow(Struct, frozen=True, kw_only=True):
    """One day, team and model; team is null if the account has no team, model is empty if none was reported.

    `active_people` stands beside the empty model, for days with at least five people.

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
