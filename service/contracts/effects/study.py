"""What the use of tokens does to shipping: the response of `GET /api/v1/effects`."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Answer = Literal["more", "less", "no_difference", "cannot_tell"]
Shipped = Literal["tokens", "merged", "released", "unreverted"]


class EffectShown(Struct, frozen=True, kw_only=True):
    """An effect as a share: 0.12 is 12 % more. Null where a number is too large to tell anything."""

    change: float | None
    low: Annotated[float | None, Meta(description="Lower end of the 95 % interval")]
    high: Annotated[float | None, Meta(description="Upper end of the 95 % interval")]
    smallest_visible: Annotated[
        float | None, Meta(description="Smallest rise that these data would have shown in four of five cases")
    ]


class EffectWeek(Struct, frozen=True, kw_only=True):
    """The effect in one week after adoption; weeks before it are negative and should show nothing."""

    week: int
    teams: Annotated[int, Meta(description="Number of adopters observed in this week")]
    effect: EffectShown | None


class FalseDate(Struct, frozen=True, kw_only=True):
    """The effect at a date on which nothing was adopted, which should be nothing."""

    weeks_before: Annotated[int, Meta(description="Weeks between this date and adoption")]
    effect: EffectShown | None


class OutcomeEffect(Struct, frozen=True, kw_only=True):
    """The effect on one outcome, compared with teams that had not adopted, or not yet."""

    outcome: Shipped
    answer: Answer
    verdict: Annotated[str, Meta(description="The answer in words, with the interval or the reason")]
    effect: EffectShown | None
    actual: Annotated[float | None, Meta(description="What adopters shipped after adoption")]
    expected: Annotated[float | None, Meta(description="What they would have shipped without it")]
    weeks: list[EffectWeek]
    weekly_growth_before: Annotated[
        EffectShown | None, Meta(description="How much more adopters grew each week before adoption than other teams")
    ]
    false_dates: list[FalseDate]


class LeftOut(Struct, frozen=True, kw_only=True):
    """Teams that were left out, by reason."""

    small: Annotated[int, Meta(description="Too few people or merged pull requests")]
    too_early: Annotated[int, Meta(description="Adopted before there were enough weeks to compare with")]
    without_comparison: Annotated[int, Meta(description="Unlike any team that had not adopted")]


class AdoptionEffects(Struct, frozen=True, kw_only=True):
    """What a rollout did to each outcome, from tokens to pull requests that were released and not reverted."""

    adopters: Annotated[int, Meta(description="Number of teams that adopted")]
    comparisons: Annotated[int, Meta(description="Number of teams that never adopted, or later than others")]
    left_out: LeftOut
    outcomes: list[OutcomeEffect]


class ModelEffects(AdoptionEffects, frozen=True, kw_only=True):
    """What switching to a model did, among teams that used agents already."""

    model: str


class Association(Struct, frozen=True, kw_only=True):
    """What goes with doubled use within teams. It need not be an effect of use."""

    outcome: Shipped
    doubled_use: Annotated[EffectShown | None, Meta(description="Null with fewer than 5 teams, or constant use")]


class ReturnsPoint(Struct, frozen=True, kw_only=True):
    """Merged pull requests at one level of use, relative to the lowest level; with a 95 % interval."""

    tokens_per_person: Annotated[float, Meta(description="Tokens per person and week")]
    relative: float
    low: float
    high: float


class Returns(Struct, frozen=True, kw_only=True):
    """How merged pull requests go with use: a curve that never falls."""

    points: list[ReturnsPoint]
    flat_from: Annotated[
        float | None,
        Meta(
            description="Tokens per person and week from which doubled use goes with less than 5 % more; null if none"
        ),
    ]


class VersionEffect(Struct, frozen=True, kw_only=True):
    """What the newest version of a prompt, or the newest model, changed within teams and context-window tiers."""

    new: Annotated[str, Meta(description="A prompt version such as review/7, or a model")]
    old: Annotated[str, Meta(description="The version that it is compared with")]
    kind: Annotated[
        Literal["prompt_version", "model"] | None, Meta(description="Null in a study of an earlier release")
    ] = None
    design: Annotated[
        Literal["side_by_side", "before_after"],
        Meta(description="Compared within the same weeks; or before and after, if no team used both at a time"),
    ]
    teams: int
    sentence: str
    input_tokens: Annotated[EffectShown | None, Meta(description="For each request")]
    output_tokens: Annotated[EffectShown | None, Meta(description="For each request")]
    cost: Annotated[EffectShown | None, Meta(description="List price for each request")]
    failed: Annotated[EffectShown | None, Meta(description="Failed requests, for each request")]
    merged: Annotated[
        EffectShown | None, Meta(description="Requests whose pull request was merged, of those that ended")
    ]
    reverted: Annotated[
        EffectShown | None, Meta(description="Requests whose pull request was reverted, of those merged")
    ]


class TrialLeftOut(Struct, frozen=True, kw_only=True):
    """Teams of a roll-out by chance that were left out, by reason."""

    small: Annotated[
        int, Meta(description="Too few people, an unknown number of them, or too few merged pull requests")
    ]
    too_early: Annotated[int, Meta(description="Fewer than four weeks known before the roll-out")]


class TrialOutcome(Struct, frozen=True, kw_only=True):
    """The effect of a roll-out by chance on one outcome for each person and week."""

    outcome: Shipped
    answer: Answer
    verdict: Annotated[str, Meta(description="The answer in words, with the interval or the reason")]
    effect: EffectShown | None
    explained: Annotated[
        float | None, Meta(description="Share of the variance that the weeks before foretold, and that was taken out")
    ]


class TrialEffects(Struct, frozen=True, kw_only=True):
    """What a roll-out did whose teams chance decided: teams that were given it, compared with those held back."""

    name: Annotated[str, Meta(description="The `to_value` of the change")]
    weeks: Annotated[int, Meta(description="Number of full weeks after the roll-out that are compared, at most 26")]
    given: Annotated[int, Meta(description="Number of teams that were given it")]
    held_back: Annotated[int, Meta(description="Number of teams that were held back")]
    left_out: TrialLeftOut
    outcomes: list[TrialOutcome]


class EffectsFound(Struct, frozen=True, kw_only=True):
    """What a study found."""

    adoption: AdoptionEffects
    models: Annotated[list[ModelEffects], Meta(description="The models with the most tokens, if 5 teams switched")]
    associations: list[Association]
    returns: Annotated[Returns | None, Meta(description="Null with fewer than 5 teams of known size")]
    versions: Annotated[
        list[VersionEffect], Meta(description="The newest compared with those used most; or those that you asked for")
    ] = []
    randomised: Annotated[
        list[TrialEffects], Meta(description="Roll-outs whose teams chance decided, newest first, at most 20")
    ] = []


class EffectsShown(Struct, frozen=True, kw_only=True):
    """Whether teams ship more if they use more tokens."""

    sentence: Annotated[str, Meta(description="The answer in one sentence")]
    studied_at: Annotated[datetime | None, Meta(description="Null before the first study")]
    first_week: Annotated[date | None, Meta(description="Monday of the first week since tokens are known")]
    last_week: Annotated[
        date | None,
        Meta(description="Monday of the last week, five weeks ago: newer pull requests may yet be released"),
    ]
    found: Annotated[EffectsFound | None, Meta(description="Null until tokens are known for some weeks")]
