"""Use of assistants that report usage but few or no tokens."""

from datetime import date

from msgspec import Struct


class EngagementRow(Struct, frozen=True, kw_only=True):
    """One day, team and model. `team` is null if the account has no team, `model` is empty if it was not reported.

    `active_people` is only set in rows with an empty model, on days with at least five people.
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
