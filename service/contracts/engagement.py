"""Use of assistants that report usage but few or no tokens."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor


class EngagementRow(Struct, frozen=True, kw_only=True):
    """One day, team and model."""

    day: Annotated[date, Meta(description="UTC day")]
    provider: Annotated[str, Meta(description="Provider of the report, such as github-copilot")]
    team: Annotated[str | None, Meta(description="Team of the account; null if it has none")]
    model: Annotated[str, Meta(description="Name of the model; empty if the provider does not report it")]
    interactions: Annotated[int, Meta(description="Interactions that people started")]
    generations: Annotated[int, Meta(description="Suggestions and edits of code by the assistant")]
    acceptances: Annotated[int, Meta(description="Suggestions and edits that people accepted")]
    lines_added: Annotated[int, Meta(description="Added lines of code")]
    lines_deleted: Annotated[int, Meta(description="Deleted lines of code")]
    active_people: Annotated[
        int | None,
        Meta(
            description="Number of people, only in rows with an empty `model` on days with at least five people; "
            "null otherwise"
        ),
    ]


class EngagementList(Struct, frozen=True, kw_only=True):
    """Rows by day, oldest first."""

    items: list[EngagementRow]
    next_cursor: NextCursor = None
