"""What lists by period and group have in common."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


class DaySpan(Struct, frozen=True, kw_only=True):
    """UTC days, inclusive."""

    first_day: Annotated[date, Meta(description="First UTC day")]
    last_day: Annotated[date, Meta(description="Last UTC day, inclusive")]


class PeriodGroup(Struct, frozen=True, kw_only=True):
    """One period and group; only the dimensions in `group_by` are present."""

    period_start: Annotated[date, Meta(description="First UTC day of the period")]
    team: str | UnsetType = UNSET
    repository: Annotated[
        str | UnsetType,
        Meta(description="Display label, or artifact id without labels; empty for tokens of no pull request"),
    ] = UNSET
    model: Annotated[str | UnsetType, Meta(description="Name of the model")] = UNSET
    provider: str | UnsetType = UNSET
    workflow: Annotated[str | UnsetType, Meta(description="Workflow tag; empty without one")] = UNSET
    feature: Annotated[str | UnsetType, Meta(description="Name of the feature; empty without one")] = UNSET
