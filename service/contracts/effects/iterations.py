"""How often merged pull requests were reworked: the response of `GET /api/v1/iterations`."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from service.contracts.amounts import NextCursor
from service.contracts.effects.study import EffectShown

IterationDimension: TypeAlias = Literal["context_tier", "model_family", "prompt_version", "ai_share"]


class RateShown(Struct, frozen=True, kw_only=True):
    """A count, and the count divided by the number of merged pull requests."""

    total: int
    each: Annotated[float | None, Meta(description="For each merged pull request; null without any")]
    low: Annotated[float | None, Meta(description="Lower end of the 95 % interval; null if fewer than 5 teams tell it")]
    high: Annotated[float | None, Meta(description="Upper end of the 95 % interval")]


class IterationRates(Struct, frozen=True, kw_only=True):
    """What was counted."""

    pushes_after_opening: RateShown
    review_rounds: Annotated[RateShown, Meta(description="Rounds of reviews and comments between two pushes")]
    reverted: Annotated[RateShown, Meta(description="Pull requests that were reverted within 14 days")]
    fix_released: Annotated[
        RateShown, Meta(description="Pull requests whose release needed a fix release within 14 days")
    ]


class IterationEffects(Struct, frozen=True, kw_only=True):
    """How the counts differ from those of the reference, as a share: 0.12 is 12 % more. Null if unknown."""

    pushes_after_opening: EffectShown | None
    review_rounds: EffectShown | None
    reverted: EffectShown | None
    fix_released: EffectShown | None


class IterationFigures(Struct, frozen=True, kw_only=True):
    """Merged pull requests, and how often they were reworked."""

    pull_requests: Annotated[int, Meta(description="Number of merged pull requests")]
    rates: IterationRates


class IterationGroup(Struct, frozen=True, kw_only=True):
    """The pull requests of one group, compared with the first group, the reference."""

    group: Annotated[
        str | None,
        Meta(
            description="What most of the tokens of the pull request were spent with; empty without a value, null for "
            "pull requests without tokens"
        ),
    ]
    withheld_reason: Annotated[str | None, Meta(description="Why the figures of a small group are null")]
    pull_requests: int | None = None
    teams: int | None = None
    rates: IterationRates | None = None
    design: Annotated[
        Literal["side_by_side", "before_after"] | None,
        Meta(
            description="Compared within the same team and four weeks; or within the team, if none used both at a time"
        ),
    ] = None
    compared_teams: Annotated[int, Meta(description="Number of teams that had both groups")] = 0
    effects: Annotated[
        IterationEffects | None, Meta(description="Null for the reference, and where too few teams had both groups")
    ] = None
    sentence: Annotated[str | None, Meta(description="The comparison in words")] = None


class IterationsFound(Struct, frozen=True, kw_only=True):
    """What the last study found, by dimension."""

    first_week: date
    last_week: date
    total: IterationGroup
    dimensions: dict[str, list[IterationGroup]]


class IterationsShown(Struct, frozen=True, kw_only=True):
    """How often merged pull requests were reworked. Those of bots stand apart. The reference comes first."""

    sentence: Annotated[str, Meta(description="The answer in one sentence")]
    first_day: Annotated[date | None, Meta(description="First UTC day of merges; null before the first study")]
    last_day: Annotated[date | None, Meta(description="Last UTC day of merges")]
    studied_at: Annotated[datetime | None, Meta(description="Time of the study; null without `group_by`")]
    total: Annotated[IterationFigures | None, Meta(description="Without bots; null if withheld or not studied yet")]
    bots: Annotated[
        IterationFigures | None, Meta(description="Pull requests of bots; null if withheld, and with `group_by`")
    ]
    items: list[IterationGroup]
    next_cursor: NextCursor = None
