"""Outcomes beside pull requests, such as resolved tickets: requests."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from schema.contracts.values import Instant, Title
from service.contracts.reported.change import Workflow
from service.contracts.token_event import EARLIEST, LATEST, Identifier

MAXIMUM_ITEMS = 10_000
MAXIMUM_COUNT = 10**9


class Outcomes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team achieved: a number of outcomes, and how good they were."""

    team: (
        Annotated[Title, Meta(description="`team.id` or name of a team; ignored if the key is pinned to a team")] | None
    ) = None
    feature: Annotated[
        str, Meta(pattern=r"^[^\x00-\x1F\x7F@]{0,100}$", description="Name of a feature; empty without one")
    ] = ""
    workflow: Workflow = ""
    prompt_template: Annotated[
        str,
        Meta(
            pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9 ._:+/#-]{0,99})?$",
            description="Version of the prompt template that achieved them, as its tokens report it; empty if unknown",
        ),
    ] = ""
    count: Annotated[int, Meta(ge=0, le=MAXIMUM_COUNT, description="Number of outcomes")] = 1
    successes: (
        Annotated[int, Meta(ge=0, le=MAXIMUM_COUNT, description="How many of them succeeded; null if unknown")] | None
    ) = None
    success: Annotated[bool | None, Meta(description="Whether all of them succeeded, instead of `successes`")] = None
    quality: Annotated[float, Meta(ge=0, le=1, description="Mean quality from 0 to 1; null if unknown")] | None = None

    def __post_init__(self) -> None:
        """Refuse two answers to one question, and more successes than outcomes."""
        if self.success is not None and self.successes is not None:
            raise ValueError("has both success and successes; send one of them")
        if self.successes is not None and self.successes > self.count:
            raise ValueError("has more successes than its count")


class OutcomeIn(Outcomes, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Outcomes of one team at a time. Sent again with the same `id`, the latest counts."""

    occurred_at: Annotated[Instant, Meta(description="RFC 3339 time with a UTC offset; the hour is kept")]
    id: (
        Annotated[
            Identifier,
            Meta(
                description="Your id of the item; without it, team, feature, workflow, prompt template and "
                "`occurred_at` identify it"
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        """Refuse what `Outcomes` refuses, and a time that no chart shows."""
        super().__post_init__()
        check_time(self.occurred_at)


class OutcomeBatch(Struct, frozen=True):
    """Outcomes to store, all or none."""

    items: Annotated[list[OutcomeIn], Meta(max_length=MAXIMUM_ITEMS)]


class OutcomeEvent(Struct, frozen=True, kw_only=True):
    """A CloudEvent 1.0 in structured JSON whose data are outcomes. Other attributes are dropped.

    `source` and `id` together identify it.
    """

    specversion: Literal["1.0"]
    id: Identifier
    source: Annotated[str, Meta(min_length=1, max_length=1000)]
    type: Annotated[str, Meta(min_length=1, max_length=1000)]
    time: Instant
    data: Outcomes
    datacontenttype: Annotated[str, Meta(pattern=r"^application/([a-z0-9.-]+\+)?json", max_length=100)] | None = None
    data_base64: Any = None

    def __post_init__(self) -> None:
        """Refuse a time that no chart shows."""
        check_time(self.time)


class OutcomeReceipt(Struct, frozen=True):
    """Items received, and those that were new or different."""

    received: int
    changed: int


def check_time(occurred_at: datetime) -> None:
    """Raise ValueError for a time outside the years that token events have."""
    if not EARLIEST <= occurred_at < LATEST:
        raise ValueError("has a time that is not between the years 2000 and 2100")
