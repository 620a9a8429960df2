"""Changes that explain curves: requests and responses."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from schema.contracts.values import Instant, Title
from service.contracts.amounts import NextCursor
from service.contracts.token_event import EARLIEST, LATEST, Identifier

MAXIMUM_ITEMS = 1_000
MAXIMUM_TEAMS = 5_000

ChangeKind: TypeAlias = Literal[
    "model", "prompt_template", "temperature", "retrieval_depth", "guardrail", "rollout", "other"
]
ChangeSource: TypeAlias = Literal["", "mlflow", "langfuse", "registry", "ci"]
# Without spaces and @, neither a sentence, nor a full name, nor an e-mail address fits.
Word: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._:+/#-]{0,100}$",
        description="Up to 100 letters, digits and `._:+/#-`, without spaces; never a person or a prompt",
    ),
]
Label: TypeAlias = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._:+/#-]{0,40}$",
        description="Up to 40 letters, digits and `._:+/#-`, without spaces; never a person or a prompt",
    ),
]
Workflow: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9 ._:+/#-]{0,99})?$", description="Workflow tag; empty for all workflows"),
]


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which teams chance gave a roll-out to, and which it held back. Name every team that took part."""

    given: Annotated[list[Title], Meta(min_length=1, max_length=MAXIMUM_TEAMS, description="Teams that were given it")]
    held_back: Annotated[
        list[Title], Meta(min_length=1, max_length=MAXIMUM_TEAMS, description="Teams that were held back meanwhile")
    ]

    def __post_init__(self) -> None:
        """Refuse a team that is named twice."""
        names = [*self.given, *self.held_back]
        if len(set(names)) < len(names):
            raise ValueError("names a team twice; each team was either given the roll-out or held back")


class ChangeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that explains why a curve bends. Sent again with the same `id`, or unchanged, it counts once."""

    kind: Annotated[ChangeKind, Meta(description="What changed")]
    occurred_at: Annotated[Instant, Meta(description="RFC 3339 time with a UTC offset")]
    id: Annotated[Identifier, Meta(description="Your id of the change; the latest with this id counts")] | None = None
    team: Annotated[Title, Meta(description="Name of the team (default: the key's team, else all teams)")] | None = None
    workflow: Workflow = ""
    from_value: Word = ""
    to_value: Word = ""
    source: Annotated[ChangeSource, Meta(description="System that reported the change")] = ""
    label: Label = ""
    randomised: Annotated[Assignment | None, Meta(description="Only if chance decided which teams get a roll-out")] = (
        None
    )

    def __post_init__(self) -> None:
        """Refuse a time that no chart shows, and an assignment by chance of anything but a roll-out to some teams."""
        if self.randomised is not None and (self.kind != "rollout" or self.team is not None or not self.to_value):
            raise ValueError("has randomised, which needs the kind rollout, a to_value that names it, and no team")
        if not EARLIEST <= self.occurred_at < LATEST:
            raise ValueError("has an occurred_at that is not between the years 2000 and 2100")


class ChangeBatch(Struct, frozen=True):
    """Changes to store, all or none."""

    items: Annotated[list[ChangeIn], Meta(max_length=MAXIMUM_ITEMS)]


class ChangeReceipt(Struct, frozen=True):
    """Changes received, and those that were new or different."""

    received: int
    changed: int


class ChangeShown(Struct, frozen=True, kw_only=True):
    """A change, as it was sent or found."""

    id: Annotated[int, Meta(description="Id for DELETE /api/v1/changes/{change_id}")]
    kind: str
    occurred_at: Annotated[datetime, Meta(description="Found changes: start of the UTC day of the first use")]
    team: Annotated[str | None, Meta(description="Name of the team; null for all teams")]
    workflow: Annotated[str, Meta(description="Workflow tag; empty for all workflows")]
    from_value: Annotated[str, Meta(description="Value before; empty if unknown")]
    to_value: Annotated[str, Meta(description="Value after; empty if unknown")]
    source: Annotated[
        str, Meta(description="System that reported the change; `found` if a worker did; empty if unknown")
    ]
    label: str
    found: Annotated[bool, Meta(description="Whether a worker found it in the tokens of the team")]
    randomised: Annotated[Assignment | None, Meta(description="Null unless chance decided which teams got it")]


class ChangeList(Struct, frozen=True, kw_only=True):
    """Changes, oldest first."""

    items: list[ChangeShown]
    next_cursor: NextCursor
